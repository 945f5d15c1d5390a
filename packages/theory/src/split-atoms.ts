import {
  createModel,
  type Families,
  type MixtureModel,
  type NamedAtom,
  shippedFamilies,
} from "@moe-rates/mixture";

/** A model with spare atoms and parameters at which it equals another one. */
export interface SplitModel {
  readonly model: MixtureModel;
  readonly theta: Float64Array;
  /** For every atom that was split: its number before, and the numbers of its two halves. */
  readonly halves: readonly { readonly atom: number; readonly first: number; readonly second: number }[];
}

/** The families of a model, by name and options, as `createModel` takes them. */
export function specOf(model: MixtureModel): { gating: { family: string }; expert: { family: string } } {
  const { gating, expert } = model.families;
  return {
    gating: { family: gating.family.name, ...gating.options },
    expert: { family: expert.family.name, ...expert.options },
  };
}

/** Splits atoms in two halves at the same place, each with half the mass. Where masses are sigma(beta0), the regression function stays
 *  the same only for atoms whose gate has no slope; top-K gates choose one atom more per split. */
export function splitAtoms(
  model: MixtureModel,
  theta: Float64Array,
  atoms: readonly number[],
  families: Families = shippedFamilies,
): SplitModel {
  const named = model.unpack(theta);
  const shared = model.unpackShared(theta);
  const temperature = typeof shared["temperature"] === "number" ? shared["temperature"] : 1;
  const halves: { atom: number; first: number; second: number }[] = [];
  const split: NamedAtom[] = [];
  named.forEach((atom, j) => {
    if (!atoms.includes(j)) {
      split.push(atom);
      return;
    }
    const half = { ...atom, beta0: halfIntercept(model, Number(atom["beta0"] ?? 0), temperature) };
    halves.push({ atom: j, first: split.length, second: split.length + 1 });
    split.push(half, { ...half });
  });
  const bigger = createModel({
    ...grown(model, halves.length),
    inputDim: model.inputDim,
    atoms: split.length,
    families,
  });
  return { model: bigger, theta: bigger.pack(split, shared), halves };
}

/** The families with as many more active atoms as there are halves, where only some are active (top-K). */
function grown(model: MixtureModel, more: number): ReturnType<typeof specOf> {
  const { gating, expert } = specOf(model);
  if (gating.family !== "top-k") return { gating, expert };
  const active = Number((gating as Record<string, unknown>)["k"]);
  return { gating: { ...gating, k: active + more } as { family: string }, expert };
}

/** beta0 of half the mass: beta0 - tau log 2 for exponential masses, else by bisection of the mass. */
function halfIntercept({ gating }: MixtureModel, beta0: number, temperature: number): number {
  if (gating.gauge !== "none") return beta0 - temperature * Math.LN2;
  const half = gating.mass(beta0) / 2;
  let [low, high] = [beta0 - 50, beta0];
  for (let step = 0; step < 200 && low < high; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (gating.mass(middle) < half) low = middle;
    else high = middle;
  }
  return high;
}
