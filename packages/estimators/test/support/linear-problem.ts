import type { LeastSquaresProblem } from "../../src/index.ts";
import { jetProblem } from "./jet-problem.ts";

/** Linear residuals R theta - t within bounds, with the Hessian R'R and the gradient -R't of S/2 at zero, each summed by itself. */
export function linearProblem(request: {
  /** Row-major rows x p. */
  design: Float64Array;
  target: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  exact: boolean;
}): { problem: LeastSquaresProblem; hessian: Float64Array; gradient: Float64Array } {
  const { design, target, lower, upper, exact } = request;
  const p = lower.length;
  const problem = jetProblem({
    dimension: p,
    exact,
    residuals: (theta) =>
      Array.from(target, (value, row) =>
        theta
          .map((parameter, i) => parameter.times(design[row * p + i]))
          .reduce((sum, term) => sum.plus(term))
          .minus(value),
      ),
    lower,
    upper,
  });
  const hessian = new Float64Array(p * p);
  const gradient = new Float64Array(p);
  for (let row = 0; row < target.length; row++) {
    for (let i = 0; i < p; i++) {
      gradient[i] -= design[row * p + i] * target[row];
      for (let j = 0; j < p; j++) hessian[i * p + j] += design[row * p + i] * design[row * p + j];
    }
  }
  return { problem, hessian, gradient };
}
