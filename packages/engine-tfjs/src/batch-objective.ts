import type { Tensor } from "@tensorflow/tfjs";
import type { MixtureModel } from "@moe-rates/mixture";
import type { BatchData, DataChunk } from "./batch-data.ts";
import { channelTensors } from "./channel-tensors.ts";
import { modelForward } from "./tensor-family.ts";
import type { Tf } from "./tensorflow.ts";

/** Sums of squares S_rs = sum_i w_ri (f_theta_rs(x_ri) - y_ri)^2 over R replicates and S starts at once: theta is R x S x p, float32. Sums over
 *  chunks of rows are taken in float64. */
export interface BatchObjective {
  readonly model: MixtureModel;
  readonly data: BatchData;
  /** S, R S numbers. */
  values(theta: Tensor): Float64Array;
  /** Fitted values f of one chunk, R x S x rows. */
  regression(theta: Tensor, chunk: DataChunk): Tensor;
  /** S with the gradient of S/2 (R x S x p), by reverse mode. */
  gradient(theta: Tensor): { values: Float64Array; gradient: Tensor };
  /** S, the gradient J'e of S/2 and J'J, all in float64: R S, R S p and R S p p numbers. */
  normal(theta: Tensor): { values: Float64Array; gradient: Float64Array; hessian: Float64Array };
  /** The model linearised at theta, for products with J'J that never form it. */
  linearise(theta: Tensor): Linearisation;
  dispose(): void;
}

/** f near theta: what J'J v needs. Call `dispose` when done. */
export interface Linearisation {
  readonly values: Float64Array;
  /** J'e, R x S x p. */
  readonly gradient: Tensor;
  /** Squared column norms of J, R x S x p. */
  readonly norms: Tensor;
  /** J'J v for v of R x S x p. */
  product(v: Tensor): Tensor;
  dispose(): void;
}

/** Binds a model to data on the backend. */
export function batchObjective(tf: Tf, model: MixtureModel, data: BatchData): BatchObjective {
  const forward = modelForward(model);
  const index = channelTensors(tf, model, data.columns);

  const regression = (theta: Tensor, { basis }: DataChunk) =>
    tf.tidy(() => forward(tf, tf.matMul(basis, index.spread(theta)), basis));

  /** e = root (f - y) and root df/dc, in one forward and one reverse pass: f_i depends on the channels of row i only, so the
   *  gradient of sum_i f_i in the channels holds every row's own derivatives. */
  const residualAndScalars = (theta: Tensor, { basis, response, root }: DataChunk) =>
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
    });

  /** J'u (R x S x p) for u of R x S x rows. */
  const pullBack = (basis: Tensor, scalars: Tensor, u: Tensor) =>
    index.collect(tf.matMul(basis, tf.mul(scalars, tf.expandDims(u, -1)), true));

  const addInto = (sums: Float64Array, part: Tensor) => {
    const numbers = part.dataSync();
    for (let i = 0; i < sums.length; i++) sums[i] += numbers[i];
  };
  const sizeOf = (theta: Tensor) => theta.shape[0] * theta.shape[1]!;
  const squares = (residual: Tensor) => tf.sum(tf.square(residual), -1);

  return {
    model,
    data,
    regression,
    values(theta) {
      const sums = new Float64Array(sizeOf(theta));
      for (const chunk of data.chunks) {
        tf.tidy(() => {
          const residual = tf.sub(regression(theta, chunk), chunk.response);
          addInto(sums, squares(chunk.root ? tf.mul(residual, chunk.root) : residual));
        });
      }
      return sums;
    },
    gradient(theta) {
      const values = new Float64Array(sizeOf(theta));
      const gradient = tf.tidy(() => {
        let total: Tensor = tf.zerosLike(theta);
        for (const chunk of data.chunks) {
          total = tf.tidy(() => {
            const { residual, scalars } = residualAndScalars(theta, chunk);
            addInto(values, squares(residual));
            return tf.add(total, pullBack(chunk.basis, scalars, residual));
          });
        }
        return total;
      });
      return { values, gradient };
    },
    normal(theta) {
      const problems = sizeOf(theta);
      const p = model.parameterCount;
      const values = new Float64Array(problems);
      const gradient = new Float64Array(problems * p);
      const hessian = new Float64Array(problems * p * p);
      for (const chunk of data.chunks) {
        tf.tidy(() => {
          const { residual, scalars } = residualAndScalars(theta, chunk);
          const jacobian = index.jacobian(scalars, chunk.basis);
          addInto(values, squares(residual));
          addInto(gradient, tf.matMul(jacobian, tf.expandDims(residual, -1), true));
          addInto(hessian, tf.matMul(jacobian, jacobian, true));
        });
      }
      return { values, gradient, hessian };
    },
    linearise(theta) {
      const values = new Float64Array(sizeOf(theta));
      const parts: { basis: Tensor; scalars: Tensor }[] = [];
      const [gradient, norms] = tf.tidy(() => {
        let slope: Tensor = tf.zerosLike(theta);
        let norm: Tensor = tf.zerosLike(theta);
        for (const chunk of data.chunks) {
          const { residual, scalars } = residualAndScalars(theta, chunk);
          addInto(values, squares(residual));
          parts.push({ basis: chunk.basis, scalars: tf.keep(scalars) });
          slope = tf.add(slope, pullBack(chunk.basis, scalars, residual));
          norm = tf.add(norm, index.collect(tf.matMul(tf.square(chunk.basis), tf.square(scalars), true)));
        }
        return [slope, norm];
      });
      return {
        values,
        gradient,
        norms,
        product: (v) =>
          tf.tidy(() => {
            const spread = index.spread(v);
            let total: Tensor = tf.zerosLike(v);
            for (const { basis, scalars } of parts) {
              const change = tf.sum(tf.mul(scalars, tf.matMul(basis, spread)), -1);
              total = tf.add(total, pullBack(basis, scalars, change));
            }
            return total;
          }),
        dispose: () => tf.dispose([gradient, norms, ...parts.map(({ scalars }) => scalars)]),
      };
    },
    dispose: () => index.dispose(),
  };
}
