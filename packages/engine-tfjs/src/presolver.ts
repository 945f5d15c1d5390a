import { modelBox, type Presolver } from "@moe-rates/estimators";
import type { MixtureModel } from "@moe-rates/mixture";
import { batchData } from "./batch-data.ts";
import { batchObjective } from "./batch-objective.ts";
import { solveBatch, type BatchSolverOptions } from "./batch-solver.ts";
import type { Tensorflow } from "./tensorflow.ts";

/** Numbers in the largest tensor of one evaluation: starts x rows x channels. What is larger is cut into chunks of rows. */
const LARGEST_TENSOR = 4e6;
const FEWEST_ROWS = 256;

/** Part of the identity of designs: raised with every change of the numbers. */
export const presolverVersion = "presolver-1";

/** First steps on tensors, a few for models whose exact Hessian is cheap and many for wide ones. Two stops of a float64 solver differ by
 *  more than what these steps leave. */
export function presolveOptions(model: MixtureModel): BatchSolverOptions {
  const wide = model.parameterCount >= 400;
  return wide
    ? { iterations: 120, products: 200, tolerance: 1e-7 }
    : { iterations: 6, products: 12, tolerance: 1e-6 };
}

/** A presolver on TensorFlow.js: all starts of a batch at once, float32. */
export function tensorPresolver({ tf }: Tensorflow): Presolver {
  return ({ model, box, data, starts }) => {
    const p = model.parameterCount;
    const { inputDim, normalised } = model;
    const perRow = starts.length * model.channels.length;
    const rows = Math.max(FEWEST_ROWS, Math.floor(LARGEST_TENSOR / perRow));
    const batch = batchData(tf, [data], { inputDim, normalised, rows });
    const objective = batchObjective(tf, model, batch);
    const all = new Float64Array(starts.length * p);
    starts.forEach((start, s) => all.set(start, s * p));
    const { theta } = solveBatch(tf, objective, all, modelBox(model, box), presolveOptions(model));
    objective.dispose();
    batch.dispose();
    return starts.map((start, s) => {
      const found = theta.subarray(s * p, (s + 1) * p);
      return found.every(Number.isFinite) ? found : start;
    });
  };
}
