import { symmetricEigen } from "@moe-rates/math";
import type { LeastSquaresProblem } from "./problem.ts";
import { freeDirections, reduceModel, reductionWorkspace, spreadStep } from "./reduction.ts";

/** Second-order state of a point: eigenvalues of the exact Hessian of S/2 on the free set, scaled by the Jacobian column norms. */
export interface Curvature {
  /** Smallest scaled eigenvalue (NaN when nothing is free). */
  readonly smallest: number;
  /** Number of eigenvalues below 1e-6 in absolute value: directions in which S does not change to second order. */
  readonly flat: number;
  /** Step in theta along the smallest eigenvalue, of unit scaled length. */
  readonly direction: Float64Array;
  /** Parameters at a bound. */
  readonly active: number[];
}

/** Eigenvalues of the scaled Hessian on the free set at theta. */
export function curvatureAt(problem: LeastSquaresProblem, theta: Float64Array): Curvature {
  const p = problem.dimension;
  const state = {
    gradient: new Float64Array(p),
    norms: new Float64Array(p),
    hessian: new Float64Array(p * p),
    sse: 0,
  };
  state.sse = problem.derivatives(theta, state.gradient, state.norms, state.hessian, true);
  const space = reductionWorkspace(problem);
  const m = freeDirections(problem, theta, state.gradient, space);
  reduceModel(problem, state, m, space);
  const active: number[] = [];
  for (let i = 0; i < p; i++)
    if (theta[i] <= problem.lower[i] || theta[i] >= problem.upper[i]) active.push(i);
  const direction = new Float64Array(p);
  if (m === 0) return { smallest: NaN, flat: 0, direction, active };
  const compact = new Float64Array(m * m);
  for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) compact[a * m + b] = space.hessian[a * p + b];
  const { values, vectors } = symmetricEigen(compact, m);
  spreadStep(
    problem,
    m,
    Float64Array.from({ length: m }, (_, a) => vectors[a * m]),
    space,
    direction,
  );
  return {
    smallest: values[0],
    flat: values.filter((value) => Math.abs(value) < 1e-6).length,
    direction,
    active,
  };
}
