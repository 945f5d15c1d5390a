import { createBoundedStep, type ModelledPoint } from "./bounded-step.ts";
import type { LeastSquaresProblem } from "./problem.ts";
import {
  directionsOfFree,
  freeDirections,
  reduceModel,
  reductionWorkspace,
  spreadStep,
} from "./reduction.ts";
import { trustRegionStep, type StepWorkspace } from "./trust-region-step.ts";

/** Writes the step of the linear parameters to the minimum of S over them, the others held, within the bounds and at most `radius` long in the
 *  norm of the columns. */
export type LinearCorrection = (
  point: ModelledPoint,
  radius: number,
  floor: number,
  step: Float64Array,
) => void;

/** The inner half of variable projection (Golub and Pereyra 1973) at a point whose derivatives are known: S is exactly quadratic in the linear
 *  parameters, so their minimum is one bounded linear system away. Null when the problem names no linear parameters. */
export function createLinearCorrection(
  problem: LeastSquaresProblem,
  work: StepWorkspace,
): LinearCorrection | null {
  const { dimension: p, linear } = problem;
  if (!linear || linear.length === 0) return null;
  const space = reductionWorkspace(problem);
  const keepWithinBounds = createBoundedStep(problem, space, work);
  const reduced = new Float64Array(p);
  const others = new Uint8Array(p).fill(1);
  for (const i of linear) others[i] = 0;
  return (point, radius, floor, step) => {
    step.fill(0);
    freeDirections(problem, point.theta, point.gradient, space);
    for (let i = 0; i < p; i++) if (others[i] === 1) space.held[i] = 1;
    const m = directionsOfFree(problem, space);
    reduceModel(problem, point, m, space, point.norms, floor);
    if (m === 0 || trustRegionStep(space.hessian, space.gradient, m, p, radius, reduced, work) < 0) return;
    spreadStep(problem, m, reduced, space, step);
    keepWithinBounds(point, step, { length: radius, radius, squares: point.norms, floor });
  };
}
