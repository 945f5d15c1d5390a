import { modelBox, type Presolver, type Recompute } from "@moe-rates/estimators";
import type { MixtureModel } from "@moe-rates/mixture";
import { batchData } from "./batch-data.ts";
import { batchObjective } from "./batch-objective.ts";
import { costTable } from "./cost-table.ts";
import { solveBatch, type BatchSolverOptions } from "./batch-solver.ts";
import { hasForward } from "./tensor-family.ts";
import type { Tensorflow } from "./tensorflow.ts";

/** Numbers in the largest tensor of one evaluation: starts x rows x channels. What is larger is cut into chunks of rows. */
const LARGEST_TENSOR = 4e6;
const FEWEST_ROWS = 256;

/** Part of the identity of designs: raised with every change of the numbers. */
export const presolverVersion = "presolver-2";

/** Steps on tensors: a few for models whose exact Hessian is cheap and many for wide ones. Two stops of a float64 solver differ by
 *  more than what these steps leave. */
export function presolveOptions(model: MixtureModel): BatchSolverOptions {
  return isWide(model)
    ? { iterations: 120, products: 200, tolerance: 1e-7 }
    : { iterations: 6, products: 12, tolerance: 1e-6 };
}

/** Whether the cost table leaves the search itself to TensorFlow.js. */
function isWide({ parameterCount }: MixtureModel): boolean {
  return parameterCount >= costTable.parametersFrom;
}

/** A presolver on TensorFlow.js: all starts of a batch at once, float32. Models that are not wide are left to the float64 solver: which
 *  minimum a start leads to hangs on roundings, and all engines are to find the same one. */
export function tensorPresolver({ tf }: Tensorflow): Presolver {
  return ({ model, box, data, starts }) => {
    if (!isWide(model)) return null;
    const p = model.parameterCount;
    const { inputDim, normalised } = model;
    const batch = batchData(tf, [data], { inputDim, normalised, rows: rowsPerChunk(model, starts.length) });
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

/** S and J'e by automatic differentiation of the forward pass, for models that have one. */
export function tensorRecompute({ tf }: Tensorflow): Recompute {
  return ({ model, data, theta }) => {
    if (!hasForward(model)) return null;
    const { inputDim, normalised } = model;
    const batch = batchData(tf, [data], { inputDim, normalised, rows: rowsPerChunk(model, 1) });
    const objective = batchObjective(tf, model, batch);
    const at = tf.tensor3d(Float32Array.from(theta), [1, 1, theta.length]);
    const linear = objective.linearise(at);
    const gradient = Float64Array.from(linear.gradient.dataSync());
    const again = { sse: linear.values[0], gradient };
    tf.dispose(at);
    linear.dispose();
    objective.dispose();
    batch.dispose();
    return again;
  };
}

function rowsPerChunk(model: MixtureModel, starts: number): number {
  return Math.max(FEWEST_ROWS, Math.floor(LARGEST_TENSOR / (starts * model.channels.length)));
}
