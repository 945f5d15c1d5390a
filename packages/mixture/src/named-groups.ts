import type { MixtureModel } from "./model.ts";
import type { NamedAtom, NamedShared } from "./types.ts";

/** Group of a two-level model as study files write it: its gate {a, b} and its atoms, with expert parameters under `eta`. */
export interface NamedGroup {
  readonly atoms: readonly (Readonly<Record<string, number | number[] | NamedAtom>> & {
    readonly eta: NamedAtom;
  })[];
  readonly [gate: string]: unknown;
}

/** Groups with their atoms, from atoms side by side and the gates of the groups. Throws a RangeError for a model of one level. */
export function nestGroups(
  model: MixtureModel,
  atoms: readonly NamedAtom[],
  shared: NamedShared,
): NamedGroup[] {
  const { groups: sizes } = model.gating;
  if (!sizes || !shared.groups) throw new RangeError("the model has no groups");
  const expert = new Set(
    model.channels
      .filter(({ part }) => part === "expert")
      .flatMap(({ names }) => names.map((name) => name.split("[")[0])),
  );
  const split = (atom: NamedAtom) => {
    const entries = Object.entries(atom);
    const gate = entries.filter(([name]) => !expert.has(name));
    const eta = entries.filter(([name]) => expert.has(name));
    return { ...Object.fromEntries(gate), eta: Object.fromEntries(eta) };
  };
  let from = 0;
  return shared.groups.map((gate, g) => ({
    ...gate,
    atoms: atoms.slice(from, (from += sizes[g])).map(split),
  }));
}

/** Atoms side by side and the gates of the groups, from groups as study files write them. Throws a TypeError naming the group or atom that
 *  has another form. */
export function flattenGroups(groups: readonly unknown[]): { atoms: NamedAtom[]; shared: NamedShared } {
  const atoms: NamedAtom[] = [];
  const gates = groups.map((group, g) => {
    if (!isRecord(group) || !Array.isArray(group["atoms"]))
      throw new TypeError(`group[${g}] must be an object with a, b and a list of atoms`);
    const { atoms: own, ...gate } = group;
    (own as unknown[]).forEach((atom, j) => {
      if (!isRecord(atom) || !isRecord(atom["eta"]))
        throw new TypeError(
          `group[${g}].atoms[${j}] must be an object with a gate and expert parameters under eta`,
        );
      const { eta, ...rest } = atom;
      atoms.push({ ...rest, ...(eta as object) } as NamedAtom);
    });
    return gate as NamedAtom;
  });
  return { atoms, shared: { groups: gates } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
