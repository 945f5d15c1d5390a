import { type Kernels, referenceKernels } from "@moe-rates/kernels";
import {
  createModel,
  type Families,
  type FamilySpec,
  type MixtureModel,
  resolveFamily,
  shippedFamilies,
  totalAtoms,
} from "@moe-rates/mixture";
import { globalFitDoubles, type Presolver, type Recompute, type Trainer } from "@moe-rates/estimators";
import { dimensionOf } from "./read-truth.ts";
import type { Covariates } from "./sample.ts";
import type { ExpertSpec, FitSpec, GatingSpec, ResolvedStudy, TruthSpec } from "./types.ts";

/** What a replicate needs besides the study: families, rows of covariates, and kernels with a given memory. */
export interface Surroundings {
  readonly families?: Families;
  readonly covariates?: Covariates | null;
  /** Kernels over a memory of at least so many doubles; the plain-TypeScript ones when absent. */
  readonly kernels?: (doubles: number) => Kernels;
  /** Takes the first steps of every batch of starts, on another engine. */
  readonly presolve?: Presolver;
  /** Computes S and its gradient at an estimate a second time, on another engine. */
  readonly recompute?: Recompute;
  /** Trains by stochastic gradients, where a fit asks for it. */
  readonly train?: Trainer;
}

/** Inputs of a study's truth. */
export function inputDimOf(study: ResolvedStudy): number {
  return dimensionOf(study.truth.input);
}

/** The true model with its parameters. */
export function truthModel(
  study: ResolvedStudy,
  families: Families,
): { model: MixtureModel; theta: Float64Array } {
  const { gating, expert, atoms, groups } = study.truth;
  const model = cachedModel(families, gating, expert, inputDimOf(study), atoms.length);
  return { model, theta: model.pack(atoms, groups ? { groups } : {}) };
}

/** The fitted model with any number of atoms, all groups together, up to those of the fit. */
export function fitModels(
  study: ResolvedStudy,
  fit: FitSpec,
  families: Families,
): (atoms: number) => MixtureModel {
  return (atoms) => cachedModel(families, fit.gating, fit.expert, inputDimOf(study), atoms);
}

/** Atoms of a fit, all groups together. */
export function fittedAtoms(fit: Pick<FitSpec, "gating" | "atoms">, families: Families): number {
  return totalAtoms(fit.gating, fit.atoms, families);
}

/** k* in the sense of `fit.atoms`: true atoms, with two levels in each group. */
export function trueAtoms({ truth }: { readonly truth: Pick<TruthSpec, "atoms" | "groups"> }): number {
  return truth.atoms.length / (truth.groups?.length ?? 1);
}

/** Whether every truth of the study lies in the fitted family: same gating and expert, at least as many atoms. */
export function containsTruth(
  study: ResolvedStudy,
  fit: FitSpec,
  families: Families = shippedFamilies,
): boolean {
  return (
    sameGating(families, study.truth.gating, fit.gating) &&
    JSON.stringify(study.truth.expert) === JSON.stringify(fit.expert) &&
    fit.atoms >= trueAtoms(study)
  );
}

/** Whether a fitted gating is the true one, the values aside that the fit estimates (the temperature). */
function sameGating(families: Families, truth: FamilySpec, fit: FamilySpec): boolean {
  const known = (spec: FamilySpec) => {
    const { family, options } = resolveFamily("gating", families.gatings, spec);
    const kept = Object.entries(options).filter(([name]) => family.options[name].estimated !== true);
    return JSON.stringify([family.name, kept]);
  };
  return known(truth) === known(fit);
}

const models = new WeakMap<Families, Map<string, MixtureModel>>();

/** Models are values: one per family, dimension and number of atoms serves every replicate of a thread. */
export function cachedModel(
  families: Families = shippedFamilies,
  gating: GatingSpec,
  expert: ExpertSpec,
  inputDim: number,
  atoms: number,
): MixtureModel {
  let known = models.get(families);
  if (!known) models.set(families, (known = new Map<string, MixtureModel>()));
  const key = JSON.stringify([gating, expert, inputDim, atoms]);
  let model = known.get(key);
  if (!model) known.set(key, (model = createModel({ gating, expert, inputDim, atoms, families })));
  return model;
}

let held: { kernels: Kernels; doubles: number; make: Surroundings["kernels"] } | undefined;

/** Kernels with memory for fits of n observations: the ones of the previous call while they are large enough. */
export function kernelsFor(
  n: number,
  model: MixtureModel,
  make: Surroundings["kernels"],
  screeningCells?: number,
): Kernels {
  const doubles = globalFitDoubles(n, model, screeningCells);
  if (!held || held.make !== make || held.doubles < doubles) {
    held = undefined;
    held = { kernels: (make ?? referenceKernels)(doubles), doubles, make };
  }
  return held.kernels;
}
