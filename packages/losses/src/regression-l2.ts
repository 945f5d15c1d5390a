import { NeumaierSum } from "@moe-rates/math";

/** What the loss needs of a model; `MixtureModel` of @moe-rates/mixture has it. */
export interface RegressionModel {
  /** Writes f_G(x_i) to `out[i]`, i < n; x is column-major, n x d. */
  regression(theta: Float64Array, x: Float64Array, n: number, out: Float64Array): void;
}

/**
 * Distance of two regression functions, (1/count sum_i (f(x_i) - f*(x_i))^2)^(1/2), over a fixed sample of inputs: the norm of L2(mu) when the
 * sample follows mu (`testPoints`). Independent of gauge, labels and of how the atoms are split.
 *
 * @param points column-major, count x d
 */
export function regressionL2(
  model: RegressionModel,
  theta: Float64Array,
  truthModel: RegressionModel,
  truthTheta: Float64Array,
  points: Float64Array,
  count: number,
): number {
  if (!(count >= 1)) throw new RangeError("regressionL2 needs at least one point");
  const fitted = new Float64Array(count);
  const truth = new Float64Array(count);
  model.regression(theta, points, count, fitted);
  truthModel.regression(truthTheta, points, count, truth);
  const squares = new NeumaierSum();
  for (let i = 0; i < count; i++) squares.add((fitted[i] - truth[i]) ** 2);
  return Math.sqrt(squares.value / count);
}
