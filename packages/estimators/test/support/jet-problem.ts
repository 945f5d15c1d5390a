import { residualProblem, type LeastSquaresProblem } from "../../src/problem.ts";
import { Jet } from "./jet.ts";

/** Least-squares problem of residuals written with jets: Jacobian, and with `exact` the curvature term, by forward mode. */
export function jetProblem(request: {
  dimension: number;
  residuals(b: Jet[]): Jet[];
  exact: boolean;
  lower?: Float64Array;
  upper?: Float64Array;
}): LeastSquaresProblem {
  const { dimension: p, exact, lower, upper } = request;
  let known: { theta: Float64Array; residuals: Jet[] } | undefined;
  const at = (theta: Float64Array) => {
    if (!known?.theta.every((value, i) => Object.is(value, theta[i]))) {
      known = { theta: theta.slice(), residuals: request.residuals(Jet.variables(theta)) };
    }
    return known.residuals;
  };
  const residualCount = at(new Float64Array(p).fill(0.5)).length;
  return residualProblem({
    dimension: p,
    residualCount,
    residuals: (theta, out) => at(theta).forEach((e, i) => (out[i] = e.value)),
    jacobian: (theta, out) => at(theta).forEach((e, i) => out.set(e.first, i * p)),
    ...(exact && {
      curvature: (theta: Float64Array, residuals: Float64Array, hessian: Float64Array) => {
        at(theta).forEach((e, i) => e.second.forEach((d, entry) => (hessian[entry] += residuals[i] * d)));
      },
    }),
    ...(lower && { lower }),
    ...(upper && { upper }),
  });
}
