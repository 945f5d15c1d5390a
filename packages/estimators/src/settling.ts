import type { LeastSquaresProblem } from "./problem.ts";
import type { RoughObjective } from "./quick-finish.ts";
import { createSolver, type SolverOptions } from "./trust-region.ts";

/** A point brought along a flat valley of S, with the work it took: iterations on rough data, passes over all. */
export interface Settled {
  readonly theta: Float64Array;
  readonly iterations: number;
  readonly evaluations: number;
}

/** Rounds at most, and the gain in noise variances that ends them. */
const ROUNDS = 6;
const SETTLED = 1e-2;

/** Solves on rough data that agree with S to second order at each result in turn,
 *
 *     S~(t) = S(c) + share (R(t) - R(c)) + 2 d'(t - c) + (t - c)'A (t - c),
 *
 *  R the rough sum of squares, d and A what its gradient and Hessian (of halves) lack at c: the many small steps along a flat valley cost passes over rough
 *  data. A result with a higher S is not taken. */
export function createSettling(
  problem: LeastSquaresProblem,
  { objective: cheap, data: { share } }: RoughObjective,
): (near: Float64Array, options: SolverOptions) => Settled {
  const p = problem.dimension;
  const centre = new Float64Array(p);
  const lacking = new Float64Array(p);
  const apart = new Float64Array(p * p);
  const roughGradient = new Float64Array(p);
  const norms = new Float64Array(p);
  const roughHessian = new Float64Array(p * p);
  let base = 0;

  /** A (t - c) into `out`; returns the added value. */
  const added = (theta: Float64Array, out: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < p; i++) {
      let row = 0;
      for (let j = 0; j < p; j++) row += apart[i * p + j] * (theta[j] - centre[j]);
      out[i] = row;
      sum += (theta[i] - centre[i]) * (2 * lacking[i] + row);
    }
    return sum;
  };
  const row = new Float64Array(p);
  const solver = createSolver({
    ...problem,
    value: (theta) => base + share * cheap.value(theta) + added(theta, row),
    derivatives(theta, gradient, squares, hessian, second) {
      const sse = cheap.derivatives(theta, gradient, squares, hessian, second);
      const more = added(theta, row);
      for (let i = 0; i < p; i++) {
        gradient[i] = share * gradient[i] + lacking[i] + row[i];
        squares[i] *= share;
      }
      for (let i = 0; i < p * p; i++) hessian[i] = share * hessian[i] + apart[i];
      return base + share * sse + more;
    },
  });

  return (near, options) => {
    let theta = near;
    let best = near;
    let lowest = Infinity;
    let iterations = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      centre.set(theta);
      const sse = problem.derivatives(centre, lacking, norms, apart, true);
      if (!(sse < lowest)) return { theta: best, iterations, evaluations: round };
      lowest = sse;
      best = theta;
      base = sse - share * cheap.derivatives(centre, roughGradient, norms, roughHessian, true);
      for (let i = 0; i < p; i++) lacking[i] -= share * roughGradient[i];
      for (let i = 0; i < p * p; i++) apart[i] -= share * roughHessian[i];
      const noise = options.noiseVariance ?? sse / Math.max(1, problem.observations - p);
      const next = solver.solve(theta, {
        ...options,
        gaussNewtonSteps: 0,
        initialNoise: 10,
        noiseVariance: noise,
      });
      iterations += next.iterations;
      theta = next.theta;
      if (!(sse - next.sse > SETTLED * noise)) return { theta, iterations, evaluations: round };
    }
    return { theta, iterations, evaluations: ROUNDS };
  };
}
