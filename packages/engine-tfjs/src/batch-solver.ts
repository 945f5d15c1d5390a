import type { Tensor } from "@tensorflow/tfjs";
import type { LeastSquaresProblem } from "@moe-rates/estimators";
import type { BatchObjective, Linearisation } from "./batch-objective.ts";
import type { Tf } from "./tensorflow.ts";

export interface BatchSolverOptions {
  /** Linearisations at most. */
  readonly iterations: number;
  /** Products with J'J per linearisation at most. */
  readonly products: number;
  /** A start is done when a step is predicted to lower its S by less than this share of S. */
  readonly tolerance: number;
}

/** Parameters after minimising, R S rows of p, with their sums of squares (float32 sums) and the linearisations it took. */
export interface BatchResult {
  readonly theta: Float64Array;
  readonly values: Float64Array;
  readonly iterations: number;
}

/** The set that parameters are kept in. */
export type Box = Pick<LeastSquaresProblem, "lower" | "upper" | "sumZero">;

/** Levenberg-Marquardt on all R S problems at once, in float32. Each step minimises the linearised S under a damping of its own,
 *  (J'J + lambda diag J'J) s = -J'e, by conjugate gradients preconditioned with the diagonal, so that J'J is never formed. Steps that do
 *  not lower S are taken back. Nothing here is a certificate: a float64 solver goes on from these points. */
export function solveBatch(
  tf: Tf,
  objective: BatchObjective,
  starts: Float64Array,
  box: Box,
  options: BatchSolverOptions,
): BatchResult {
  const p = objective.model.parameterCount;
  const { replicates } = objective.data;
  const count = starts.length / p;
  const shape: [number, number, number] = [replicates, count / replicates, p];
  const project = projection(tf, box);
  const damping = new Float64Array(count).fill(1e-2);
  let theta: Tensor = tf.tidy(() => project.apply(tf.tensor(Float32Array.from(starts), shape)));
  let values: Float64Array = new Float64Array(count);
  let iterations = 0;
  while (iterations < options.iterations) {
    iterations++;
    const linear = objective.linearise(theta);
    values = linear.values;
    const { step, predicted } = dampedStep(tf, linear, damping, shape, options.products);
    const candidate = tf.tidy(() => project.apply(tf.add(theta, step)));
    const lower = objective.values(candidate);
    const accepted = new Float32Array(count);
    let moving = false;
    for (let i = 0; i < count; i++) {
      const ratio = (values[i] - lower[i]) / predicted[i];
      if (lower[i] < values[i]) accepted[i] = 1;
      if (predicted[i] > options.tolerance * values[i]) moving = true;
      if (ratio > 0.75) damping[i] = Math.max(1e-8, damping[i] / 4);
      else if (!(ratio > 0.25)) damping[i] = Math.min(1e8, damping[i] * (accepted[i] === 1 ? 2 : 8));
    }
    const next = tf.tidy(() =>
      tf.where(tf.cast(tf.tensor(accepted, [shape[0], shape[1], 1]), "bool"), candidate, theta),
    );
    tf.dispose([step, candidate, theta]);
    linear.dispose();
    theta = next;
    values = values.map((value, i) => Math.min(value, Number.isFinite(lower[i]) ? lower[i] : value));
    if (!moving) break;
  }
  const solved = Float64Array.from(theta.dataSync());
  theta.dispose();
  project.dispose();
  return { theta: solved, values, iterations };
}

/** s of the damped linear problem for every start, and the reduction of S that the linearisation predicts for it. */
function dampedStep(
  tf: Tf,
  { gradient, norms, product }: Linearisation,
  damping: Float64Array,
  shape: readonly [number, number, number],
  most: number,
): { step: Tensor; predicted: Float64Array } {
  const dot = (a: Tensor, b: Tensor) => tf.sum(tf.mul(a, b), -1, true);
  const { step, reduction } = tf.tidy(() => {
    const floor = tf.mul(tf.max(norms, -1, true), 1e-7);
    const scale = tf.maximum(norms, floor);
    const weight = tf.mul(tf.tensor(Float32Array.from(damping), [shape[0], shape[1], 1]), scale);
    const inverse = tf.reciprocal(tf.add(scale, weight));
    let s: Tensor = tf.zerosLike(gradient);
    let r: Tensor = tf.neg(gradient);
    let z: Tensor = tf.mul(inverse, r);
    let direction: Tensor = z;
    let rz: Tensor = dot(r, z);
    const first = rz;
    for (let i = 0; i < Math.min(most, shape[2]); i++) {
      [s, r, direction, rz] = tf.tidy(() => {
        const image = tf.add(product(direction), tf.mul(weight, direction));
        const alpha = tf.divNoNan(rz, dot(direction, image));
        const moved = tf.add(s, tf.mul(alpha, direction));
        const left = tf.sub(r, tf.mul(alpha, image));
        const conditioned = tf.mul(inverse, left);
        const next = dot(left, conditioned);
        const along = tf.add(conditioned, tf.mul(tf.divNoNan(next, rz), direction));
        return [moved, left, along, next];
      });
      if (i % 8 === 7 && allSmall(tf, rz, first)) break;
    }
    z = tf.sub(tf.add(tf.neg(gradient), tf.neg(r)), tf.mul(weight, s));
    return { step: s, reduction: tf.neg(tf.add(tf.mul(dot(gradient, s), 2), dot(s, z))) };
  });
  const predicted = Float64Array.from(reduction.dataSync());
  reduction.dispose();
  return { step, predicted };
}

/** Whether every residual norm has fallen to 1e-4 of the first one (squared norms, preconditioned). */
function allSmall(tf: Tf, now: Tensor, first: Tensor): boolean {
  return tf.tidy(() => tf.all(tf.lessEqual(now, tf.mul(first, 1e-8))).dataSync()[0] === 1);
}

/** Projection of ... x p onto the box: every sum-zero group less its mean, then clipped. */
function projection(
  tf: Tf,
  { lower, upper, sumZero }: Box,
): { apply(theta: Tensor): Tensor; dispose(): void } {
  const p = lower.length;
  const mean = new Float32Array(p * p);
  for (const group of sumZero)
    for (const i of group) for (const j of group) mean[i * p + j] = 1 / group.length;
  const means = sumZero.length > 0 ? tf.keep(tf.tensor2d(mean, [p, p])) : null;
  const low = tf.keep(tf.tensor1d(Float32Array.from(lower)));
  const high = tf.keep(tf.tensor1d(Float32Array.from(upper)));
  return {
    apply(theta) {
      const lead = theta.shape.slice(0, -1);
      const centred = means
        ? tf.sub(theta, tf.reshape(tf.matMul(tf.reshape(theta, [-1, p]), means), [...lead, p]))
        : theta;
      return tf.minimum(tf.maximum(centred, low), high);
    },
    dispose: () => tf.dispose(means ? [means, low, high] : [low, high]),
  };
}
