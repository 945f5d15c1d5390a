import { type FitResult, type StartPoint, type Trainer, type TrainingPlan } from "@moe-rates/estimators";
import { stream } from "@moe-rates/math";
import {
  createObjective,
  type Families,
  loadData,
  type MixtureModel,
  shippedFamilies,
} from "@moe-rates/mixture";
import { inputDimOf, kernelsFor, type Surroundings, truthModel } from "./design-models.ts";
import { nearTruthStarts } from "./near-truth-starts.ts";
import { fitStreamOf, replicateStream, truthIdOf } from "./replicate-stream.ts";
import type { ReplicateRequest } from "./run-replicate.ts";
import type { Sample } from "./sample.ts";

/** Replicates that are trained together: always these, whichever of them are asked for, so that no number depends on the others of a task. */
export const trainedTogether = 8;

interface TrainedGroup {
  readonly key: string;
  readonly thetas: readonly (readonly Float64Array[])[];
}

let held: TrainedGroup | undefined;

/** The estimate of a replicate by training from starts near the truth: of several starts the one with the lowest sum of squares. The other
 *  replicates of its group are trained along and kept for the next call. Throws without a trainer. */
export function trainReplicate(
  request: ReplicateRequest,
  surroundings: Surroundings,
  model: MixtureModel,
  plan: TrainingPlan,
  sampleOf: (replicate: number) => Sample,
): FitResult {
  const { design, designPoint, replicate } = request;
  const { train } = surroundings;
  if (!train) throw new Error("training needs an engine on TensorFlow.js");
  const group = Math.floor(replicate / trainedTogether);
  const key = JSON.stringify([design.id, designPoint.n, group]);
  if (held?.key !== key) {
    const members = Array.from({ length: trainedTogether }, (_, i) => group * trainedTogether + i);
    held = { key, thetas: trainGroup(request, train, model, plan, members, sampleOf, surroundings.families) };
  }
  const sample = sampleOf(replicate);
  return bestOf(held.thetas[replicate % trainedTogether], request, surroundings, model, plan, sample);
}

function trainGroup(
  { study, design, designPoint }: ReplicateRequest,
  train: Trainer,
  model: MixtureModel,
  plan: TrainingPlan,
  members: readonly number[],
  sampleOf: (replicate: number) => Sample,
  families: Families = shippedFamilies,
): Float64Array[][] {
  const { radius = 0, count = 1 } = design.fit.starts["near-truth"] ?? {};
  const random = (replicate: number, purpose: string) =>
    stream(
      ...replicateStream(study, truthIdOf(design), fitStreamOf(design, designPoint.n), replicate, purpose),
    );
  const truth = truthModel(study, families);
  const starts = (replicate: number): StartPoint[] =>
    nearTruthStarts(model, truth, radius, count, random(replicate, "near-truth"));
  return train({
    model,
    plan,
    data: members.map(sampleOf),
    shuffles: members.map((replicate) => random(replicate, "batches")),
    starts: members.map((replicate) => starts(replicate).map(({ theta }) => theta)),
  });
}

/** What is known of trained parameters, in float64: their sums of squares and how far from stationary the best one is. */
function bestOf(
  thetas: readonly Float64Array[],
  request: ReplicateRequest,
  surroundings: Surroundings,
  model: MixtureModel,
  { epochs, batch }: TrainingPlan,
  { x, y }: Sample,
): FitResult {
  const n = y.length;
  const kernels = kernelsFor(n, model, surroundings.kernels);
  const mark = kernels.memory.mark();
  const inputDim = inputDimOf(request.study);
  const data = loadData(kernels, { x, y, inputDim, normalised: model.normalised });
  const objective = createObjective(model, data, kernels);
  const p = model.parameterCount;
  const gradient = new Float64Array(p);
  const norms = new Float64Array(p);
  let best: { theta: Float64Array; sse: number } | undefined;
  for (const theta of thetas) {
    const sse = theta.every(Number.isFinite) ? objective.value(theta) : NaN;
    if (Number.isFinite(sse) && !(best && best.sse <= sse)) best = { theta, sse };
  }
  const theta = best?.theta ?? new Float64Array(p).fill(NaN);
  const sse = best ? objective.derivatives(theta, gradient, norms, new Float64Array(p * p), false) : NaN;
  kernels.memory.release(mark);
  const cosine = gradient.reduce(
    (largest, slope, i) => Math.max(largest, norms[i] > 0 ? Math.abs(slope) / Math.sqrt(norms[i] * sse) : 0),
    0,
  );
  return {
    status: best ? "trained" : "non-finite",
    theta,
    tightTheta: theta,
    sse,
    certified: false,
    local: true,
    certificate: {
      cosine: best ? cosine : NaN,
      predictedReduction: NaN,
      minEigenvalue: NaN,
      flatDirections: 0,
      activeBounds: [],
      starts: thetas.length,
      optima: 0,
      reachedBest: 0,
      tightenedChange: NaN,
      audited: false,
      beaten: null,
      reasons: [best ? "trained, not minimised" : "training diverged"],
    },
    iterations: epochs * Math.ceil(n / batch) * thetas.length,
    evaluations: thetas.length,
    starts: [],
  };
}
