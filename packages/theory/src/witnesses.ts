import { ownLoss, measureKind, voronoiLoss } from "@moe-rates/losses";
import {
  createModel,
  type Families,
  type MixtureModel,
  type NamedAtom,
  type NamedShared,
  shippedFamilies,
} from "@moe-rates/mixture";
import { expertSymmetries } from "./expert-symmetries.ts";
import type { Points } from "./model-jet.ts";
import { specOf, splitAtoms } from "./split-atoms.ts";
import type { WitnessTruth } from "./witness-rule.ts";
import { witnessRules } from "./witness-rules.ts";

/** Another measure with the truth's regression function. */
export interface Witness {
  readonly id: string;
  readonly statement: string;
  /** Atoms of the other measure, k of them. */
  readonly atoms: readonly NamedAtom[];
  readonly shared: NamedShared;
  readonly k: number;
  /** max |f_G - f_G*| over the points, divided by max |f_G*|: rounding. */
  readonly residual: number;
  /** The Voronoi loss of the gate's own paper between the two measures, and its value. */
  readonly loss: string;
  readonly distance: number;
  readonly model: MixtureModel;
  readonly theta: Float64Array;
}

/** Residuals beyond this are no equality, and the construction is not returned. */
const EXACT = 1e-11;

/** Every exact counter-example to the identifiability of a truth: measures G with f_G = f_G* to rounding over the points and a positive
 *  loss. Rules need only what they test numerically of gate and expert, so that they find those of plugged-in families as well. */
export function witnesses(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  families: Families = shippedFamilies,
): Witness[] {
  const { inputDim } = model;
  const { gating, expert } = specOf(model);
  const truth = witnessTruth(model, theta, points, families);
  const value = regressionOf(model, theta, points);
  const size = value.reduce((most, one) => Math.max(most, Math.abs(one)), Number.MIN_VALUE);
  const kind = ownLoss(measureKind(model.measure(theta)));
  return witnessRules.flatMap((rule) => {
    const built = rule.build(truth);
    if (built === null) return [];
    const k = built.atoms.length;
    const other = createModel({ gating, expert, inputDim, atoms: k, families });
    const shared = built.shared ?? truth.shared;
    const otherTheta = other.pack(built.atoms, shared);
    const residual = regressionOf(other, otherTheta, points).reduce(
      (most, one, i) => Math.max(most, Math.abs(one - value[i]) / size),
      0,
    );
    const distance = voronoiLoss(kind, other.measure(otherTheta), model.measure(theta)).total;
    if (!(residual <= EXACT) || !(distance > 1e-6)) return [];
    const { id, statement } = rule;
    return [
      {
        id,
        statement,
        atoms: built.atoms,
        shared,
        k,
        residual,
        loss: kind,
        distance,
        model: other,
        theta: otherTheta,
      },
    ];
  });
}

function witnessTruth(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  families: Families,
): WitnessTruth {
  const atoms = model.unpack(theta);
  const value = regressionOf(model, theta, points);
  const size = value.reduce((most, one) => Math.max(most, Math.abs(one)), Number.MIN_VALUE);
  const sizes = model.gating.groups ?? [model.atoms];
  const groupOf = sizes.flatMap((length, g) => Array.from({ length }, () => g));
  const halves = new Map<NamedAtom, NamedAtom>();
  const first = sizes.map((_, g) => groupOf.indexOf(g));
  const works = (j: number): boolean => {
    const chosen = first.map((at, g) => (groupOf[j] === g ? j : at));
    const split = splitAtoms(model, theta, chosen, families);
    const at = split.halves.find((one) => one.atom === j)!;
    halves.set(atoms[j], split.model.unpack(split.theta)[at.first]);
    const same = regressionOf(split.model, split.theta, points);
    return same.every((one, i) => Math.abs(one - value[i]) <= EXACT * size);
  };
  const able = atoms.map((_, j) => works(j));
  const chosen = sizes.map((_, g) => able.findIndex((can, j) => can && groupOf[j] === g));
  return {
    model,
    atoms,
    shared: model.unpackShared(theta),
    symmetries: expertSymmetries(specOf(model).expert, model.inputDim, families),
    half: (atom) => halves.get(atom) ?? atom,
    splittable: chosen.every((j) => j >= 0) ? chosen : null,
  };
}

function regressionOf(model: MixtureModel, theta: Float64Array, { points, count }: Points): Float64Array {
  const out = new Float64Array(count);
  model.regression(theta, points, count, out);
  return out;
}
