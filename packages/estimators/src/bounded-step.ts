import type { LeastSquaresProblem } from "./problem.ts";
import { directionsOfFree, reduceModel, spreadStep, type ReductionWorkspace } from "./reduction.ts";
import { trustRegionStep, type StepWorkspace } from "./trust-region-step.ts";

/** Where the quadratic model of S/2 was made: its point, gradient, Hessian, and the squared column norms that scale it (at least `floor`). */
export interface ModelledPoint {
  readonly theta: Float64Array;
  readonly gradient: Float64Array;
  readonly norms: Float64Array;
  readonly hessian: Float64Array;
  readonly sse: number;
}

/** Keeps a step within the bounds; returns its scaled length. */
export type BoundedStep = (
  point: ModelledPoint,
  step: Float64Array,
  scaled: {
    readonly length: number;
    readonly radius: number;
    readonly squares: Float64Array;
    readonly floor: number;
  },
) => number;

/** Of the radius, so much at least is left to the parameters that do not stop at a bound. */
const LEAST_SHARE = 0.1;

/** Replaces a step that leaves the bounds: parameters that would pass a bound stop there, the others minimise the model given that within
 *  what is left of the radius, again while more parameters would pass. The rest of a sum-zero group shares what keeps its sum. A projection
 *  alone would bend the step where parameters compensate each other, and turn valleys along a bound into hundreds of small steps. A step
 *  that cannot be mended (no free parameter balances a group, no factorisation) stays as it is. Uses up the free set of `space`. */
export function createBoundedStep(
  problem: LeastSquaresProblem,
  space: ReductionWorkspace,
  work: StepWorkspace,
): BoundedStep {
  const { dimension: p, lower, upper, sumZero } = problem;
  const offset = new Float64Array(p);
  const shifted = new Float64Array(p);
  const trial = new Float64Array(p);
  const reduced = new Float64Array(p);
  const stopped = new Uint8Array(p);

  const stopAtBounds = (theta: Float64Array): boolean => {
    let more = false;
    for (let i = 0; i < p; i++) {
      const to = theta[i] + trial[i];
      if (space.held[i] === 1 || lower[i] === upper[i] || (to >= lower[i] && to <= upper[i])) continue;
      space.held[i] = stopped[i] = 1;
      offset[i] = (to < lower[i] ? lower[i] : upper[i]) - theta[i];
      more = true;
    }
    return more;
  };

  const balanceGroups = (): boolean => {
    for (let i = 0; i < p; i++) if (stopped[i] === 0) offset[i] = 0;
    for (const members of sumZero) {
      let sum = 0;
      let free = 0;
      for (const i of members) {
        sum += offset[i];
        if (space.held[i] === 0) free++;
      }
      if (sum !== 0 && free === 0) return false;
      for (const i of members) if (space.held[i] === 0) offset[i] = -sum / free;
    }
    return true;
  };

  return ({ theta, gradient, norms, hessian, sse }, step, { length, radius, squares, floor }) => {
    stopped.fill(0);
    trial.set(step);
    let reached = length;
    while (stopAtBounds(theta)) {
      if (!balanceGroups()) return length;
      let used = 0;
      for (let i = 0; i < p; i++) {
        used += squares[i] * offset[i] * offset[i];
        let row = 0;
        for (let j = 0; j < p; j++) row += hessian[i * p + j] * offset[j];
        shifted[i] = gradient[i] + row;
      }
      const m = directionsOfFree(problem, space);
      let moved = 0;
      trial.fill(0);
      if (m > 0) {
        reduceModel(problem, { gradient: shifted, norms, hessian, sse }, m, space, squares, floor);
        const left = Math.max(Math.sqrt(Math.max(0, radius * radius - used)), LEAST_SHARE * radius);
        if (trustRegionStep(space.hessian, space.gradient, m, p, left, reduced, work) < 0) return length;
        for (let a = 0; a < m; a++) moved += reduced[a] * reduced[a];
        spreadStep(problem, m, reduced, space, trial);
      }
      for (let i = 0; i < p; i++) trial[i] += offset[i];
      reached = Math.sqrt(used + moved);
    }
    step.set(trial);
    return reached;
  };
}
