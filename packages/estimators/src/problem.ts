/** Least-squares problem over a polytope: minimise S(theta) = sum_i e_i(theta)^2 subject to lower <= theta <= upper and, for every
 *  group of `sumZero`, sum of the group's parameters = 0 (it fixes a gauge: a common shift of a group may not change S). */
export interface LeastSquaresProblem {
  readonly dimension: number;
  /** Number of residuals (of observations, when they were compressed). */
  readonly observations: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly sumZero: readonly Int32Array[];
  /** Parameters in which the residuals are jointly affine: S is exactly quadratic in them. */
  readonly linear?: Int32Array;
  /** S(theta). */
  value(theta: Float64Array): number;
  /** Returns S(theta); writes gradient = J'e (of S/2), norms = squared column norms of J, and hessian (row-major, symmetric):
   *  J'J, or with `second` the exact Hessian of S/2 where the problem has one. */
  derivatives(
    theta: Float64Array,
    gradient: Float64Array,
    norms: Float64Array,
    hessian: Float64Array,
    second: boolean,
  ): number;
}

/** A problem from residuals and their Jacobian. `jacobian` writes row-major residualCount x dimension. Without `bounds` the whole space.
 *  The Hessian is J'J (Gauss-Newton) unless `curvature` adds sum_i e_i * second derivatives of e_i. */
export function residualProblem(request: {
  dimension: number;
  residualCount: number;
  residuals(theta: Float64Array, out: Float64Array): void;
  jacobian(theta: Float64Array, out: Float64Array): void;
  curvature?(theta: Float64Array, residuals: Float64Array, hessian: Float64Array): void;
  lower?: Float64Array;
  upper?: Float64Array;
}): LeastSquaresProblem {
  const { dimension: p, residualCount: n } = request;
  const residuals = new Float64Array(n);
  const jacobian = new Float64Array(n * p);
  const squares = () => residuals.reduce((sum, e) => sum + e * e, 0);
  return {
    dimension: p,
    observations: n,
    lower: request.lower ?? new Float64Array(p).fill(-Infinity),
    upper: request.upper ?? new Float64Array(p).fill(Infinity),
    sumZero: [],
    value(theta) {
      request.residuals(theta, residuals);
      return squares();
    },
    derivatives(theta, gradient, norms, hessian, second) {
      request.residuals(theta, residuals);
      request.jacobian(theta, jacobian);
      gradient.fill(0);
      hessian.fill(0);
      for (let row = 0; row < n; row++) {
        const at = row * p;
        for (let i = 0; i < p; i++) {
          const value = jacobian[at + i];
          gradient[i] += value * residuals[row];
          for (let j = i; j < p; j++) hessian[i * p + j] += value * jacobian[at + j];
        }
      }
      for (let i = 0; i < p; i++) {
        norms[i] = hessian[i * p + i];
        for (let j = 0; j < i; j++) hessian[i * p + j] = hessian[j * p + i];
      }
      if (second) request.curvature?.(theta, residuals, hessian);
      return squares();
    },
  };
}
