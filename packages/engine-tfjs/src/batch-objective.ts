import type { Tensor } from "@tensorflow/tfjs";
import type { MixtureModel } from "@moe-rates/mixture";
import type { BatchData } from "./batch-data.ts";
import { chunkEvaluator } from "./chunk-evaluator.ts";
import type { Tf } from "./tensorflow.ts";

/** Sums of squares S_rs = sum_i w_ri (f_theta_rs(x_ri) - y_ri)^2 over R replicates and S starts at once: theta is R x S x p, float32,
 *  R or S is 1. Sums over
 *  chunks of rows are taken in float64. */
export interface BatchObjective {
  readonly model: MixtureModel;
  readonly data: BatchData;
  /** S, R S numbers. */
  values(theta: Tensor): Float64Array;
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
  const evaluator = chunkEvaluator(tf, model, data.columns);
  const addInto = (sums: Float64Array, part: Tensor) => {
    const numbers = part.dataSync();
    for (let i = 0; i < sums.length; i++) sums[i] += numbers[i];
  };
  const sizeOf = (theta: Tensor) => theta.shape[0] * theta.shape[1]!;
  const squares = (residual: Tensor) => tf.sum(tf.square(residual), -1);

  return {
    model,
    data,
    values(theta) {
      const sums = new Float64Array(sizeOf(theta));
      for (const chunk of data.chunks) {
        tf.tidy(() => {
          const residual = tf.sub(evaluator.regression(theta, chunk), chunk.response);
          addInto(sums, squares(chunk.root ? tf.mul(residual, chunk.root) : residual));
        });
      }
      return sums;
    },
    normal(theta) {
      const problems = sizeOf(theta);
      const p = model.parameterCount;
      const values = new Float64Array(problems);
      const gradient = new Float64Array(problems * p);
      const hessian = new Float64Array(problems * p * p);
      for (const chunk of data.chunks) {
        tf.tidy(() => {
          const { residual, scalars } = evaluator.linear(theta, chunk);
          const jacobian = evaluator.jacobian(chunk.basis, scalars);
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
          const { residual, scalars } = evaluator.linear(theta, chunk);
          addInto(values, squares(residual));
          parts.push({ basis: chunk.basis, scalars: tf.keep(scalars) });
          slope = tf.add(slope, evaluator.pullBack(chunk.basis, scalars, residual));
          norm = tf.add(norm, evaluator.norms(chunk.basis, scalars));
        }
        return [slope, norm];
      });
      return {
        values,
        gradient,
        norms,
        product: (v) =>
          tf.tidy(() => {
            let total: Tensor = tf.zerosLike(v);
            for (const { basis, scalars } of parts)
              total = tf.add(total, evaluator.pullBack(basis, scalars, evaluator.push(basis, scalars, v)));
            return total;
          }),
        dispose: () => tf.dispose([gradient, norms, ...parts.map(({ scalars }) => scalars)]),
      };
    },
    dispose: () => evaluator.dispose(),
  };
}
