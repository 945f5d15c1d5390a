/** Sizes of `groups` groups that share so many atoms as evenly as they can, larger groups first: 5 atoms in 2 groups are (3, 2).
 *  Throws a RangeError when there are fewer atoms than groups. */
export function groupSizes(atoms: number, groups: number): number[] {
  if (atoms < groups) throw new RangeError(`${atoms} atoms cannot fill ${groups} groups`);
  return Array.from({ length: groups }, (_, g) => Math.floor((atoms - g - 1) / groups) + 1);
}
