import { createBoundedStep } from "./bounded-step.ts";
import { createLinearCorrection } from "./linear-correction.ts";
import { projectOntoPolytope } from "./polytope.ts";
import type { LeastSquaresProblem } from "./problem.ts";
import { freeDirections, reduceModel, reductionWorkspace, spreadStep } from "./reduction.ts";
import { stepWorkspace, trustRegionStep } from "./trust-region-step.ts";

export interface SolverOptions {
  /** At most this many steps (accepted or not). */
  readonly maxIterations: number;
  /** Stop needs: max_j |J_j'e| / (|J_j| |e|) over the free set <= this (MINPACK's gtol, scale-free). */
  readonly cosineTolerance: number;
  /** Stop needs: predicted reduction of S <= this many noise variances. */
  readonly reductionTolerance: number;
  /** Noise variance; null estimates it by S / (n - p) at the current point. */
  readonly noiseVariance: number | null;
  /** Gauss-Newton models for the first so many steps, exact Hessians after (Infinity: never). */
  readonly gaussNewtonSteps: number;
  /** First radius in units of |D theta| (MINPACK's factor); null: the length of the residual vector. */
  readonly initialRadius: number | null;
  /** First radius in noise standard deviations, before `initialRadius`; null: that one decides. */
  readonly initialNoise: number | null;
  /** D never shrinks within a solve (More 1978): a parameter whose column vanishes on the way to a plateau keeps its scale. */
  readonly monotoneScaling: boolean;
  /** Gives a solve up (`abandoned`) when an interior step of the exact model predicts that S ends above this: S - 3 (predicted reduction);
   *  null never does. */
  readonly abandonAbove: number | null;
  /** Polled once per iteration. */
  readonly cancelled?: () => boolean;
}

/** `converged`: both stop tests hold. `no-progress`: rounding allows no further decrease. Others say what stopped the iteration. */
export type SolverStatus =
  | "converged"
  | "no-progress"
  | "max-iterations"
  | "cancelled"
  | "non-finite"
  | "abandoned";

export interface SolverResult {
  readonly status: SolverStatus;
  readonly theta: Float64Array;
  readonly sse: number;
  readonly cosine: number;
  /** Predicted reduction of S by the last full model step, in noise variances. */
  readonly predictedReduction: number;
  readonly iterations: number;
  readonly evaluations: number;
}

export const defaultSolverOptions: SolverOptions = {
  maxIterations: 300,
  cosineTolerance: 1e-6,
  reductionTolerance: 1e-4,
  noiseVariance: null,
  gaussNewtonSteps: 3,
  initialRadius: null,
  initialNoise: null,
  monotoneScaling: false,
  abandonAbove: null,
};

/** A solve is given up only where so many times the predicted reduction would not be enough. */
const ABANDON_FACTOR = 3;

/** A step that reduces S by less than this share of what the model predicts gets its linear parameters corrected, where that gains at least
 *  the second share and makes the step acceptable. */
const CORRECTED_BELOW = 0.9;
const CORRECTION_GAIN = 0.2;
/** Longest correction, in noise standard deviations. */
const LINEAR_RADIUS = 1e3;

/** A solver bound to one problem: all buffers are made here, none while iterating. */
export interface Solver {
  readonly problem: LeastSquaresProblem;
  /** Minimises S from `start` (projected onto the box first). Never throws on numerical trouble: see `status`. */
  solve(start: Float64Array, options?: Partial<SolverOptions>): SolverResult;
}

/** Trust-region Newton method for least squares over a polytope. Each step minimises the quadratic model of S/2 within
 *  |D s| <= radius on the free set (parameters not held at a bound), D^2 = squared column norms of J (More 1978), with the exact
 *  trust-region subproblem (More and Sorensen 1983); parameters that would pass a bound stop there and the others are solved for again. Where the problem
 *  names linear parameters, a step that falls short of its model is followed by their exact minimum, which keeps it on the floor of a curved valley. */
export function createSolver(problem: LeastSquaresProblem): Solver {
  const p = problem.dimension;
  const step = new Float64Array(p);
  const reducedStep = new Float64Array(p);
  const reduction = reductionWorkspace(problem);
  const workspace = stepWorkspace(p);
  const keepWithinBounds = createBoundedStep(problem, reduction, workspace);
  const largestNorms = new Float64Array(p);
  const make = () => ({
    theta: new Float64Array(p),
    gradient: new Float64Array(p),
    norms: new Float64Array(p),
    hessian: new Float64Array(p * p),
    sse: Infinity,
  });
  const states = [make(), make(), make()];
  const correctLinear = createLinearCorrection(problem, workspace);
  const correction = new Float64Array(p);

  return {
    problem,
    solve(start, given = {}) {
      const options = { ...defaultSolverOptions, ...given };
      const { lower, upper, sumZero, observations } = problem;
      let now = states[0];
      let next = states[1];
      let spare = states[2];
      now.theta.set(start);
      projectOntoPolytope(now.theta, lower, upper, sumZero);
      let evaluations = 1;
      let second = options.gaussNewtonSteps <= 0;
      const onlyGaussNewton = options.gaussNewtonSteps === Infinity;
      now.sse = problem.derivatives(now.theta, now.gradient, now.norms, now.hessian, second);
      let status: SolverStatus = "max-iterations";
      let cosine = Infinity;
      let predictedReduction = Infinity;
      let iterations = 0;
      if (!Number.isFinite(now.sse)) status = "non-finite";
      const scaleFloor = 1e-14 * now.sse;
      largestNorms.set(now.norms);
      let radius =
        options.initialNoise !== null
          ? options.initialNoise * Math.sqrt(options.noiseVariance ?? now.sse / Math.max(1, observations - p))
          : options.initialRadius === null
            ? Math.sqrt(now.sse)
            : firstRadius(now.theta, now.norms, options.initialRadius);
      let exact = second || onlyGaussNewton;
      while (status !== "non-finite" && iterations < options.maxIterations) {
        if (options.cancelled?.()) {
          status = "cancelled";
          break;
        }
        const noise = options.noiseVariance ?? Math.max(now.sse, 1e-300) / Math.max(1, observations - p);
        const m = freeDirections(problem, now.theta, now.gradient, reduction);
        for (let i = 0; i < p; i++)
          largestNorms[i] = options.monotoneScaling ? Math.max(largestNorms[i], now.norms[i]) : now.norms[i];
        cosine = reduceModel(problem, now, m, reduction, largestNorms, scaleFloor);
        if (m === 0 || now.sse === 0) {
          predictedReduction = 0;
          status = "converged";
          break;
        }
        const lambda = trustRegionStep(
          reduction.hessian,
          reduction.gradient,
          m,
          p,
          radius,
          reducedStep,
          workspace,
        );
        if (lambda < 0) {
          radius *= 0.1;
          iterations++;
          if (radius < 1e-14 * Math.sqrt(now.sse)) {
            status = "no-progress";
            break;
          }
          continue;
        }
        spreadStep(problem, m, reducedStep, reduction, step);
        let length = 0;
        for (let i = 0; i < m; i++) length += reducedStep[i] * reducedStep[i];
        length = Math.sqrt(length);
        const full = modelReduction(now.gradient, now.hessian, step, p);
        const scaled = { length, radius, squares: largestNorms, floor: scaleFloor };
        length = keepWithinBounds(now, step, scaled);
        next.theta.set(now.theta);
        for (let i = 0; i < p; i++) next.theta[i] += step[i];
        projectOntoPolytope(next.theta, lower, upper, sumZero);
        for (let i = 0; i < p; i++) step[i] = next.theta[i] - now.theta[i];
        const predicted = modelReduction(now.gradient, now.hessian, step, p);
        const informative = lambda === 0 || radius * radius >= 9 * noise;
        if (informative) predictedReduction = full / noise;
        if (
          informative &&
          exact &&
          cosine <= options.cosineTolerance &&
          full <= options.reductionTolerance * noise
        ) {
          status = "converged";
          break;
        }
        if (
          options.abandonAbove !== null &&
          lambda === 0 &&
          exact &&
          now.sse - ABANDON_FACTOR * full > options.abandonAbove
        ) {
          status = "abandoned";
          break;
        }
        iterations++;
        if (!(predicted > 0)) {
          radius = 0.25 * Math.min(radius, length);
          if (radius < 1e-14 * Math.sqrt(now.sse)) {
            status = cosine <= options.cosineTolerance ? "converged" : "no-progress";
            break;
          }
          continue;
        }
        second = iterations >= options.gaussNewtonSteps;
        next.sse = problem.derivatives(next.theta, next.gradient, next.norms, next.hessian, second);
        evaluations++;
        let actual = now.sse - next.sse;
        if (correctLinear && actual < CORRECTED_BELOW * predicted && Number.isFinite(next.sse)) {
          correctLinear(next, LINEAR_RADIUS * Math.sqrt(noise), scaleFloor, correction);
          const gain = modelReduction(next.gradient, next.hessian, correction, p);
          if (gain > CORRECTION_GAIN * predicted && actual + gain > 0.25 * predicted) {
            for (let i = 0; i < p; i++) spare.theta[i] = next.theta[i] + correction[i];
            projectOntoPolytope(spare.theta, lower, upper, sumZero);
            spare.sse = problem.derivatives(spare.theta, spare.gradient, spare.norms, spare.hessian, second);
            evaluations++;
            if (spare.sse < next.sse) {
              const worse = next;
              next = spare;
              spare = worse;
              actual = now.sse - next.sse;
            }
          }
        }
        const rounding = 4 * Number.EPSILON * now.sse;
        const ratio = Math.abs(actual) <= rounding && predicted <= 10 * rounding ? 1 : actual / predicted;
        if (!(ratio >= 0.25)) radius = 0.25 * Math.min(radius, length);
        else if (ratio > 0.75 && length > 0.8 * radius) radius *= 2.5;
        if (ratio > 1e-4) {
          const swap = now;
          now = next;
          next = swap;
          if (predicted <= rounding && exact) {
            status = cosine <= options.cosineTolerance ? "converged" : "no-progress";
            break;
          }
          exact = second || onlyGaussNewton;
        } else if (!exact && second) {
          now.sse = problem.derivatives(now.theta, now.gradient, now.norms, now.hessian, true);
          evaluations++;
          exact = true;
        }
        if (radius < 1e-14 * Math.sqrt(now.sse)) {
          status = cosine <= options.cosineTolerance ? "converged" : "no-progress";
          break;
        }
      }
      return {
        status,
        theta: now.theta.slice(),
        sse: now.sse,
        cosine,
        predictedReduction,
        iterations,
        evaluations,
      };
    },
  };
}

/** factor |D theta|, or factor where theta is 0. */
function firstRadius(theta: Float64Array, norms: Float64Array, factor: number): number {
  let square = 0;
  for (let i = 0; i < theta.length; i++) square += norms[i] * theta[i] * theta[i];
  return factor * (square > 0 ? Math.sqrt(square) : 1);
}

/** Reduction of S that the quadratic model of S/2 predicts for `step`: -2 g's - s'Hs. */
function modelReduction(
  gradient: Float64Array,
  hessian: Float64Array,
  step: Float64Array,
  p: number,
): number {
  let total = 0;
  for (let i = 0; i < p; i++) {
    let row = 0;
    for (let j = 0; j < p; j++) row += hessian[i * p + j] * step[j];
    total -= step[i] * (2 * gradient[i] + row);
  }
  return total;
}
