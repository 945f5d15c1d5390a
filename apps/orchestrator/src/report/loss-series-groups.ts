/** Which part of a loss a figure is about. */
export interface ComponentGroup {
  readonly id: string;
  readonly title: string;
  /** Components of the group, in the order they were given. */
  readonly components: readonly string[];
}

/** Series on one figure: more cannot be told apart. */
const mostSeries = 5;

const groups: readonly { id: string; title: string; holds: (component: string) => boolean }[] = [
  { id: "total", title: "the loss", holds: (name) => name === "total" },
  {
    id: "exact",
    title: "exactly specified cells",
    holds: (name) => name.startsWith("exact-") && isError(name),
  },
  {
    id: "over-experts",
    title: "experts of over-specified cells",
    holds: (name) => name.startsWith("over-expert") && isError(name),
  },
  {
    id: "over-gates",
    title: "gates of over-specified cells",
    holds: (name) => name.startsWith("over-") && !name.startsWith("over-expert") && isError(name),
  },
  { id: "parts", title: "its parts", holds: (name) => !/^(exact|over)-/.test(name) && name !== "total" },
];

/** Components of a loss by figure: the total, errors in exact cells, of experts and of gates in over-specified cells apart, and the summands of the loss. The
 *  weighted sub-summands (`exact-gate` and the like) are in the tables only. A group of many components is cut into several figures. */
export function componentGroups(components: readonly string[]): ComponentGroup[] {
  return groups.flatMap(({ id, title, holds }) => {
    const own = components.filter(holds);
    return Array.from({ length: Math.ceil(own.length / mostSeries) }, (_, index) => ({
      id: index === 0 ? id : `${id}-${index + 1}`,
      title: index === 0 ? title : `${title}, continued`,
      components: own.slice(index * mostSeries, (index + 1) * mostSeries),
    }));
  });
}

/** An error in the units of the parameters, not a summand of the loss. */
export function isError(component: string): boolean {
  return /-(error|rms|mean)$/.test(component);
}
