import {
  createModel,
  type Families,
  type MeasureAtom,
  type MixtureModel,
  type NamedAtom,
  type NamedShared,
  shippedFamilies,
} from "@moe-rates/mixture";
import type { Points } from "./model-jet.ts";
import { specOf } from "./split-atoms.ts";

/** Theorems whose lower bounds rest on a sequence G_n with ||f_Gn - f_G*|| / D_r(G_n, G*) -> 0. */
export type SequenceTheorem =
  | "theorem-2"
  | "theorem-3"
  | "theorem-6"
  | "sigmoid-theorem-4"
  | "sigmoid-theorem-3";

/** What each sequence does. */
export const sequenceTheorems: Readonly<Record<SequenceTheorem, string>> = {
  "theorem-2": "softmax, linear experts: the first atom in two, b +- 1/n",
  "theorem-3": "dense-to-sparse, linear router: tau + 1/n and everything of the gate in proportion",
  "theorem-6": "hierarchical, linear experts: the first atom of every group in two, b +- 1/n",
  "sigmoid-theorem-4": "sigmoid, linear experts, first gate without slope: its atom in two, b +- 1/n",
  "sigmoid-theorem-3":
    "sigmoid, first atom constant in x: b + 1/n and the b that keeps the mean of phi; replaces the printed sequence, whose root may be 0",
};

/** G_n of a theorem, its loss and the ratio. */
export interface SequencePoint {
  readonly theorem: SequenceTheorem;
  readonly r: number;
  readonly n: number;
  /** D_{2,r} (theorem 2), D_{3,r}, D_{6,r}, SG-D_{2,r}, in the gauge of the papers. */
  readonly loss: number;
  /** ||f_Gn - f_G*|| (root mean square over the points) / loss. */
  readonly ratio: number;
  readonly atoms: readonly NamedAtom[];
  readonly shared: NamedShared;
}

/**
 * The degenerate sequence of a theorem at a truth of its kind (atom 1 split, others copied). Halves have half the mass plus n^-(r+1) / 2, as in the
 * papers; without that bump their functions would be equal (N1). Throws when the truth is not of the theorem's kind.
 */
export function degenerateSequence(
  theorem: SequenceTheorem,
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  {
    r,
    n,
    families = shippedFamilies,
  }: { readonly r: number; readonly n: number; readonly families?: Families },
): SequencePoint {
  const shared = model.unpackShared(theta);
  const named = model.unpack(theta);
  const moved = move(theorem, model, named, shared, r, n);
  const bigger = createModel({
    ...specOf(model),
    inputDim: model.inputDim,
    atoms: moved.atoms.length,
    families,
  });
  const other = bigger.pack(moved.atoms, moved.shared);
  const [f, g] = [new Float64Array(points.count), new Float64Array(points.count)];
  model.regression(theta, points.points, points.count, f);
  bigger.regression(other, points.points, points.count, g);
  const distance = Math.sqrt(f.reduce((sum, value, i) => sum + (value - g[i]) ** 2, 0) / points.count);
  const loss = literalLoss(theorem, bigger, other, model, theta, moved.cells, r);
  return { theorem, r, n, loss, ratio: distance / loss, ...moved };
}

interface Moved {
  readonly atoms: NamedAtom[];
  readonly shared: NamedShared;
  /** True atom behind every atom. */
  readonly cells: number[];
}

function move(
  theorem: SequenceTheorem,
  { gating }: MixtureModel,
  atoms: readonly NamedAtom[],
  shared: NamedShared,
  r: number,
  n: number,
): Moved {
  const bump = n ** -(r + 1);
  if (theorem === "theorem-3") {
    const tau = shared["temperature"];
    if (typeof tau !== "number" || gating.gauge !== "translation")
      throw new TypeError("theorem 3 needs a dense-to-sparse gate with a linear router");
    const factor = (tau + 1 / n) / tau;
    return {
      shared: { ...shared, temperature: tau + 1 / n },
      cells: atoms.map((_, j) => j),
      atoms: atoms.map((atom) => ({
        ...atom,
        beta1: (atom["beta1"] as number[]).map((value) => value * factor),
        beta0: Number(atom["beta0"]) * factor,
      })),
    };
  }
  const wanted = {
    "theorem-2": "softmax",
    "theorem-6": "hierarchical",
    "sigmoid-theorem-4": "sigmoid",
    "sigmoid-theorem-3": "sigmoid",
  };
  if (gating.family !== wanted[theorem])
    throw new TypeError(`${theorem} needs ${wanted[theorem]} gates, not ${gating.family}`);
  const sizes = gating.groups ?? [atoms.length];
  const firsts = sizes.map((_, g) => sizes.slice(0, g).reduce((sum, size) => sum + size, 0));
  const halves = (atom: NamedAtom): NamedAtom[] => {
    const b = Number(atom["b"]);
    if (!Number.isFinite(b)) throw new TypeError(`${theorem} needs experts with an intercept b`);
    if (theorem === "sigmoid-theorem-3") {
      const half = { ...atom, beta0: logit(logistic(Number(atom["beta0"])) / 2) };
      return [
        { ...half, b: b + 1 / n },
        { ...half, b: Math.atanh(2 * Math.tanh(b) - Math.tanh(b + 1 / n)) },
      ];
    }
    const beta0 =
      gating.gauge === "none"
        ? logit((logistic(Number(atom["beta0"])) + bump) / 2)
        : Math.log(Math.exp(Number(atom["beta0"])) / 2 + bump / 2);
    return [
      { ...atom, beta0, b: b + 1 / n },
      { ...atom, beta0, b: b - 1 / n },
    ];
  };
  const split = atoms.flatMap((atom, j) => (firsts.includes(j) ? halves(atom) : [atom]));
  const cells = atoms.flatMap((_, j) => (firsts.includes(j) ? [j, j] : [j]));
  return { atoms: split, shared, cells };
}

/** The loss as printed, at the cells of the construction and without a search over the gauge. */
function literalLoss(
  theorem: SequenceTheorem,
  fitted: MixtureModel,
  theta: Float64Array,
  truth: MixtureModel,
  truthTheta: Float64Array,
  cells: readonly number[],
  r: number,
): number {
  const [g, reference] = [fitted.measure(theta), truth.measure(truthTheta)];
  const heat = Math.abs((g.temperature ?? 0) - (reference.temperature ?? 0)) ** r;
  const weighted = !theorem.startsWith("sigmoid");
  const groupMass = (j: number): number => {
    let from = 0;
    for (const group of reference.groups ?? []) {
      if (j < from + group.atoms.length) return group.mass;
      from += group.atoms.length;
    }
    return 1;
  };
  return reference.atoms.reduce((total, atom, j) => {
    const own = g.atoms.filter((_, i) => cells[i] === j);
    const mass = Math.abs(own.reduce((sum, one) => sum + one.mass, 0) - atom.mass);
    const spread = own.reduce(
      (sum, one) => sum + (weighted ? one.mass : 1) * (heat + powers(one, atom, r)),
      0,
    );
    return total + groupMass(j) * (weighted || own.length > 1 ? mass + spread : spread);
  }, 0);
}

function powers(a: MeasureAtom, b: MeasureAtom, r: number): number {
  const distance = (u: Float64Array, v: Float64Array) => Math.hypot(...u.map((value, i) => value - v[i]));
  return distance(a.beta1, b.beta1) ** r + distance(a.eta, b.eta) ** r;
}

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
const logit = (p: number): number => Math.log(p / (1 - p));
