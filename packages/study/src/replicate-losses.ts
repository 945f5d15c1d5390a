import {
  lossNames,
  regressionL2,
  type TestPoints,
  testPoints,
  voronoiLoss,
  type VoronoiLoss,
} from "@moe-rates/losses";
import type { MixtureModel } from "@moe-rates/mixture";
import type { Covariates } from "./sample.ts";
import type { ReplicateRow, ResolvedStudy } from "./types.ts";

type LossRows = ReplicateRow["losses"];

/** Points of the fixed test sample that stands for the law of x in the regression loss. */
export const testPointCount = 4096;

/** Losses of one fit against the truth. A loss that does not apply (a Voronoi loss between families whose atoms cannot be compared) is
 *  left out. */
export function lossesOf(request: {
  readonly study: ResolvedStudy;
  readonly truth: { readonly model: MixtureModel; readonly theta: Float64Array };
  readonly fit: { readonly model: MixtureModel; readonly theta: Float64Array };
  readonly covariates: Covariates | null;
  readonly losses: readonly string[];
  /** Whether atoms of the fit and of the truth live in the same space: same gauge, same expert with the same options. */
  readonly comparable: boolean;
}): { rows: LossRows; voronoi: VoronoiLoss | null } {
  const { study, truth, fit } = request;
  const rows: { loss: string; component: string; value: number }[] = [];
  let voronoi: VoronoiLoss | null = null;
  if (request.comparable) {
    voronoi = voronoiLoss("voronoi-d1", fit.model.measure(fit.theta), truth.model.measure(truth.theta));
  }
  for (const loss of request.losses) {
    if (loss === "voronoi-d1") {
      if (!voronoi) continue;
      rows.push({ loss, component: "total", value: voronoi.total });
      for (const [component, value] of Object.entries(voronoi.components))
        rows.push({ loss, component, value });
    } else if (loss === "regression-l2") {
      const { points, count } = samplePoints(study, request.covariates);
      rows.push({
        loss,
        component: "total",
        value: regressionL2(fit.model, fit.theta, truth.model, truth.theta, points, count),
      });
    } else {
      throw new TypeError(`unknown loss "${loss}"; known: ${lossNames.join(", ")}`);
    }
  }
  return { rows, voronoi };
}

const samples = new Map<string, TestPoints>();

function samplePoints(study: ResolvedStudy, covariates: Covariates | null): TestPoints {
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
