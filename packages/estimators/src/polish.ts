import { curvatureAt, type Curvature } from "./curvature.ts";
import type { Solver, SolverOptions, SolverResult } from "./trust-region.ts";

/** A local minimiser at full accuracy, with its second-order state. */
export interface Polished extends SolverResult {
  readonly curvature: Curvature;
}

/** Eigenvalues below this are descent directions: moving 10 noise standard deviations along one gains more than 0.001 noise variances. */
export const negativeCurvature = -1e-5;

/** Minimises from `start`; at a point that is stationary but not second-order consistent it moves along the direction of negative
 *  curvature, both ways, and continues from the better side. */
export function polish(solver: Solver, start: Float64Array, options: Partial<SolverOptions>): Polished {
  let result = solver.solve(start, options);
  let curvature = curvatureAt(solver.problem, result.theta);
  let iterations = result.iterations;
  let evaluations = result.evaluations + 1;
  for (let escape = 0; escape < 3 && curvature.smallest < negativeCurvature; escape++) {
    const noise =
      options.noiseVariance ??
      result.sse / Math.max(1, solver.problem.observations - solver.problem.dimension);
    const length = 3 * Math.sqrt(noise);
    const sides = [length, -length].map((move) => {
      const moved = result.theta.map((value, i) => value + move * curvature.direction[i]);
      return solver.solve(moved, { ...options, gaussNewtonSteps: 0 });
    });
    for (const side of sides) {
      iterations += side.iterations;
      evaluations += side.evaluations;
    }
    const better = sides[0].sse <= sides[1].sse ? sides[0] : sides[1];
    if (!(better.sse < result.sse)) break;
    result = better;
    curvature = curvatureAt(solver.problem, result.theta);
    evaluations++;
  }
  return { ...result, iterations, evaluations, curvature };
}
