import {
  componentErrors,
  expertL2,
  type ExpertBlocks,
  type ExpertValues,
  lossFamilies,
  lossNamed,
  measureKind,
  ownLoss,
  regressionL2,
  targetLoss,
  type TestPoints,
  testPoints,
  voronoiLoss,
  type VoronoiLoss,
  type VoronoiLossName,
  wasserstein,
} from "@moe-rates/losses";
import type { Kernels } from "@moe-rates/kernels";
import type { Families, MixingMeasure, MixtureModel } from "@moe-rates/mixture";
import { comparableAtoms } from "./comparable-atoms.ts";
import { expertValues } from "./expert-values.ts";
import { sigmoidTargets } from "./sigmoid-targets.ts";
import type { Covariates } from "./sample.ts";
import type { FitSpec, ReplicateRow, ResolvedStudy } from "./types.ts";

type LossRows = ReplicateRow["losses"];

/** Points of the fixed test sample that stands for the law of x in losses between functions. */
export const testPointCount = 4096;

/** A fit to be held against the truth. */
export interface LossRequest {
  readonly study: ResolvedStudy;
  readonly fitSpec: FitSpec;
  readonly families: Families;
  readonly truth: { readonly model: MixtureModel; readonly theta: Float64Array };
  readonly fit: { readonly model: MixtureModel; readonly theta: Float64Array };
  readonly covariates: Covariates | null;
  /** Kernels for fits without noise (`sigmoid-d3`); the plain-TypeScript ones when absent. */
  readonly kernels?: ((doubles: number) => Kernels) | undefined;
}

/** The model's own Voronoi loss (`ownLoss`), `voronoi-d1` between models of different kinds; null where atoms cannot be compared. */
export function ownVoronoiLoss({ truth, fit }: LossRequest): VoronoiLoss | null {
  if (!comparableAtoms(truth.model, fit.model)) return null;
  const reference = truth.model.measure(truth.theta);
  const measure = fit.model.measure(fit.theta);
  return voronoiLoss(ownNameOf(measure, reference), measure, reference);
}

/** Losses of one fit against the truth, `voronoi` being its `ownVoronoiLoss`. A loss that does not apply (a Voronoi loss between families whose
 *  atoms cannot be compared) is left out. */
export function lossesOf(
  request: LossRequest,
  voronoi: VoronoiLoss | null,
  losses: readonly string[],
): LossRows {
  return losses.flatMap((loss) => {
    const found = lossOf(request, voronoi, loss);
    if (found === null) return [];
    const values = Object.entries(found.components);
    if (found.total !== null) values.unshift(["total", found.total]);
    return values.map(([component, value]) => ({ loss, component, value }));
  });
}

interface LossValues {
  readonly total: number | null;
  readonly components: Readonly<Record<string, number>>;
}

function lossOf(request: LossRequest, voronoi: VoronoiLoss | null, name: string): LossValues | null {
  const { truth, fit } = request;
  const { family, order } = lossNamed(name);
  if (family === "regression-l2") {
    const { points, count } = samplePoints(request);
    const total = regressionL2(fit.model, fit.theta, truth.model, truth.theta, points, count);
    return { total, components: {} };
  }
  const reference = truth.model.measure(truth.theta);
  const measure = fit.model.measure(fit.theta);
  if (family === "expert-l2")
    return expertL2(
      { measure, experts: expertsOf(request, request.fitSpec.expert, measure) },
      expertsOf(request, request.study.truth.expert, reference),
    );
  if (family === "sigmoid-d3")
    return measureKind(measure) === "sigmoid" ? targetLossOf(request, measure) : null;
  const kinds: readonly string[] = lossFamilies[family].kinds;
  if (voronoi === null || ![measure, reference].every((one) => kinds.includes(measureKind(one)))) return null;
  if (family === "components") return { total: null, components: componentErrors(measure, reference) };
  if (family === "wasserstein") return wasserstein(order, measure, reference);
  if (name === ownNameOf(measure, reference)) return voronoi;
  return voronoiLoss(name as VoronoiLossName, measure, reference, expertBlocks(fit.model));
}

/** The distance to the nearest target, with what is known of the targets. */
function targetLossOf(request: LossRequest, measure: MixingMeasure): LossValues {
  const targets = sigmoidTargets(request);
  const nearest = targets.nearest(request.fit.theta);
  const { total, components } = targetLoss(measure, [...targets.measures, ...(nearest ? [nearest] : [])]);
  return {
    total,
    components: {
      ...components,
      "target-l2": targets.distance,
      "target-count": targets.measures.length,
      "target-at-bound": targets.atBound,
    },
  };
}

/** The name of the loss that `ownVoronoiLoss` takes. */
function ownNameOf(measure: MixingMeasure, reference: MixingMeasure): VoronoiLossName {
  const kind = measureKind(reference);
  return measureKind(measure) === kind ? ownLoss(kind) : "voronoi-d1";
}

/** Lengths of the runs of an atom's expert parameters that share a name: slopes are one, every other parameter is one. */
function expertBlocks({ channels }: MixtureModel): ExpertBlocks {
  const fields = channels
    .filter(({ part, atom }) => part === "expert" && atom === 0)
    .flatMap(({ names }) => names.map((name) => name.replace(/\[.*$/u, "")));
  const lengths: number[] = [];
  fields.forEach((field, s) => {
    if (field === fields[s - 1]) lengths[lengths.length - 1] += 1;
    else lengths.push(1);
  });
  return lengths;
}

function expertsOf(request: LossRequest, expert: FitSpec["expert"], measure: MixingMeasure): ExpertValues {
  return expertValues(request.families, expert, measure, samplePoints(request));
}

const samples = new Map<string, TestPoints>();

/** The fixed points of a study's law of x; the rows themselves for covariates. */
export function samplePoints({ study, covariates }: Pick<LossRequest, "study" | "covariates">): TestPoints {
  const { input } = study.truth;
  if (input.law === "covariates") {
    if (!covariates) throw new TypeError(`the rows of ${input.file} were not handed over`);
    return { points: covariates.values, count: covariates.rows };
  }
  const key = JSON.stringify(input);
  let points = samples.get(key);
  if (!points) samples.set(key, (points = testPoints(input, testPointCount)));
  return points;
}
