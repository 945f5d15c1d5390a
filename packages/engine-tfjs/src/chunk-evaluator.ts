import type { Tensor } from "@tensorflow/tfjs";
import type { MixtureModel } from "@moe-rates/mixture";
import type { DataChunk } from "./batch-data.ts";
import { channelTensors } from "./channel-tensors.ts";
import { modelForward } from "./tensor-family.ts";
import type { Tf } from "./tensorflow.ts";

/** A model on one chunk of data for parameters of R x S x p. */
export interface ChunkEvaluator {
  /** f, R x S x rows. */
  regression(theta: Tensor, chunk: DataChunk): Tensor;
  /** e = root (f - y), R x S x rows, and root df/dc, R x S x rows x C, in one forward and one reverse pass: f_i depends on the channels of
   *  row i only, so the gradient of sum_i f_i in the channels holds every row's own derivatives. */
  linear(theta: Tensor, chunk: DataChunk): { residual: Tensor; scalars: Tensor };
  /** J'u, R x S x p, for u of R x S x rows. */
  pullBack(basis: Tensor, scalars: Tensor, u: Tensor): Tensor;
  /** J v, R x S x rows, for v of R x S x p. */
  push(basis: Tensor, scalars: Tensor, v: Tensor): Tensor;
  /** Squared column norms of J, R x S x p. */
  norms(basis: Tensor, scalars: Tensor): Tensor;
  /** J, R x S x rows x p. */
  jacobian(basis: Tensor, scalars: Tensor): Tensor;
  /** J'e, R x S x p: the gradient of half the sum of squares. */
  gradient(theta: Tensor, chunk: DataChunk): Tensor;
  dispose(): void;
}

/** Evaluates a model over m basis columns. */
export function chunkEvaluator(tf: Tf, model: MixtureModel, columns: number): ChunkEvaluator {
  const forward = modelForward(model);
  const index = channelTensors(tf, model, columns);
  const evaluator: ChunkEvaluator = {
    regression: (theta, { basis }) =>
      tf.tidy(() => forward(tf, tf.matMul(basis, index.spread(theta)), basis)),
    linear: (theta, { basis, response, root }) =>
      tf.tidy(() => {
        let f: Tensor | undefined;
        const channels = tf.matMul(basis, index.spread(theta));
        const derivative = tf.grad((c: Tensor) => {
          f = tf.keep(forward(tf, c, basis));
          return tf.sum(f);
        })(channels);
        const residual = tf.sub(f!, response);
        f!.dispose();
        return root
          ? { residual: tf.mul(residual, root), scalars: tf.mul(derivative, tf.expandDims(root, -1)) }
          : { residual, scalars: derivative };
      }),
    pullBack: (basis, scalars, u) =>
      index.collect(tf.matMul(basis, tf.mul(scalars, tf.expandDims(u, -1)), true)),
    push: (basis, scalars, v) => tf.sum(tf.mul(scalars, tf.matMul(basis, index.spread(v))), -1),
    norms: (basis, scalars) => index.collect(tf.matMul(tf.square(basis), tf.square(scalars), true)),
    jacobian: (basis, scalars) => index.jacobian(scalars, basis),
    gradient: (theta, chunk) =>
      tf.tidy(() => {
        const { residual, scalars } = evaluator.linear(theta, chunk);
        return evaluator.pullBack(chunk.basis, scalars, residual);
      }),
    dispose: () => index.dispose(),
  };
  return evaluator;
}
