import type { Tensor } from "@tensorflow/tfjs";
import type { Trainer } from "@moe-rates/estimators";
import { shuffle } from "@moe-rates/math";
import { batchData } from "./batch-data.ts";
import { chunkEvaluator } from "./chunk-evaluator.ts";
import type { Tensorflow } from "./tensorflow.ts";

/** Part of the identity of designs: raised with every change of the numbers. */
export const trainerVersion = "trainer-2";

let runs = 0;

/** Training on TensorFlow.js: one step of all replicates and starts is one evaluation of R S x batch rows. Every start has its own copy
 *  of the batch: not every backend multiplies R x 1 by R x S matrices as it should. */
export function tensorTrainer({ tf }: Tensorflow): Trainer {
  return ({ model, plan, data, shuffles, starts }) => {
    const p = model.parameterCount;
    const n = data[0]?.y.length ?? 0;
    const { inputDim, normalised } = model;
    const each = starts[0]?.length ?? 0;
    const first = Float32Array.from(starts.flatMap((own) => own.flatMap((theta) => [...theta])));
    const theta = tf.tidy(() =>
      tf.variable(tf.tensor(first, [data.length * each, 1, p]), true, `training-${runs++}`),
    );
    const optimizer = tf.train[plan.method](plan.learningRate);
    let evaluator: ReturnType<typeof chunkEvaluator> | undefined;
    for (let epoch = 0; epoch < plan.epochs; epoch++) {
      const orders = shuffles.map((random) =>
        shuffle(
          Int32Array.from({ length: n }, (_, i) => i),
          random,
        ),
      );
      for (let from = 0; from < n; from += plan.batch) {
        const rows = Math.min(plan.batch, n - from);
        const batches = data.flatMap(({ x, y }, r) => {
          const own = rowsOf(x, y, inputDim, orders[r].subarray(from, from + rows));
          return Array.from({ length: each }, () => own);
        });
        const batch = batchData(tf, batches, { inputDim, normalised, rows });
        evaluator ??= chunkEvaluator(tf, model, batch.columns);
        const { gradient } = evaluator;
        const slope = tf.tidy((): Tensor => tf.mul(gradient(theta, batch.chunks[0]), 2 / rows));
        optimizer.applyGradients([{ name: theta.name, tensor: slope }]);
        slope.dispose();
        batch.dispose();
      }
    }
    const trained = Float64Array.from(theta.dataSync());
    evaluator?.dispose();
    optimizer.dispose();
    theta.dispose();
    return starts.map((own, r) =>
      own.map((_, s) => trained.slice((r * each + s) * p, (r * each + s + 1) * p)),
    );
  };
}

function rowsOf(x: Float64Array, y: Float64Array, inputDim: number, order: Int32Array) {
  const rows = order.length;
  const own = { x: new Float64Array(rows * inputDim), y: new Float64Array(rows) };
  for (let i = 0; i < rows; i++) {
    for (let u = 0; u < inputDim; u++) own.x[u * rows + i] = x[u * y.length + order[i]];
    own.y[i] = y[order[i]];
  }
  return own;
}
