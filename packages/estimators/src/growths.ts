import type { MixtureModel } from "@moe-rates/mixture";
import { groupRanges, swapGroups } from "./atom-layout.ts";

/** A fit prepared to get one atom more: relabelled so that the group to grow is the one that the larger model has room for. */
export interface Growth {
  readonly theta: Float64Array;
  /** Group that grows, null where the gate has one level. */
  readonly group: number | null;
  /** Atoms next to the new one: those of the group, or all. */
  readonly atoms: readonly number[];
}

/** The ways in which a fit can get one atom more. With two levels the larger model has room in the first of the smallest groups, and
 *  every group of that size may take its place. */
export function growths(small: MixtureModel, theta: Float64Array, large: MixtureModel): Growth[] {
  const all = Array.from({ length: small.atoms }, (_, j) => j);
  const [before, after] = [small.gating.groups, large.gating.groups];
  if (!before || !after) return [{ theta, group: null, atoms: all }];
  const group = after.findIndex((size, g) => size > before[g]);
  const { first, size } = groupRanges(small)[group];
  return before.flatMap((own, other) =>
    own === size && other >= group
      ? [{ theta: swapGroups(small, theta, group, other), group, atoms: all.slice(first, first + size) }]
      : [],
  );
}
