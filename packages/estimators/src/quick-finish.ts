import type { MixtureObjective } from "@moe-rates/mixture";
import { backwardSolve, cholesky, forwardSolve } from "./cholesky.ts";
import { projectOntoPolytope } from "./polytope.ts";
import type { LeastSquaresProblem } from "./problem.ts";
import { freeDirections, reduceModel, reductionWorkspace, spreadStep } from "./reduction.ts";
import type { RoughData } from "./rough-data.ts";
import type { SolverOptions, SolverResult } from "./trust-region.ts";

/** Brings a point near a well-posed minimum to it in few passes over the data (`converged`); or, where steps do not shrink, only nearer (`max-iterations`); null where
 *  it is not near enough, or the minimum not well-posed. */
export type QuickFinish = (near: Float64Array, options: SolverOptions) => SolverResult | null;

/** An objective on rough data, of about 1 / share times S. */
export interface RoughObjective {
  readonly objective: MixtureObjective;
  readonly data: RoughData;
  /** The same on cells twice as wide, where the data are cells. */
  readonly wider: MixtureObjective | null;
}

/** Least square of a pivot of the scaled Hessian: less, and directions are too flat for a Hessian that is kept. */
const LEAST_PIVOT = 1e-3;
const MOST_PASSES = 8;
const MOST_ROUGH_STEPS = 6;
/** A Gauss-Newton step that is predicted to reduce S by q noise variances leaves about q^2 / (30 n) of them. From so many root n on the step is the last one on its
 *  cells, which leaves less than a fifth of one; on wide cells, from so many n^(3/4) on, which leaves less than that many root n. */
const CLOSE = 1.5;
const WIDELY_CLOSE = 8;
/** Cells fewer than so many per parameter are not solved on. */
export const CELLS_PER_PARAMETER = 5;
/** Steps must shrink at least so fast from pass to pass. */
const SLOWEST = 0.2;
/** What a step leaves: at most its length times so many times what is known of its relative error. A Hessian kept from before two steps errs twice as much on the second,
 *  and directions that shrink slowly come to the fore: those of small pivots, where the same error of a Hessian is larger by 1 / pivot. */
const CAUTION = 4;
const CAREFUL_BELOW = 0.07;
/** A step with a fresh Hessian this much shorter than the one before is in the same directions. */
const ALIKE = 0.5;
/** Cells that cost at most this share of all data give a Hessian that is worth more than what it costs. */
const ROUGH_HESSIAN = 0.05;

/** Newton's method for S. First with Gauss-Newton steps on cells, widest first, whose last one leads to where the gradient (4 G - G') / 3 vanishes, G' that of cells twice
 *  as wide: what averaging within a cell does to S is of the order of its width squared, and cancels. Then on all data with a Hessian that is kept: (4 K - K') / 3 of the
 *  cells where these are few, so that every pass computes a gradient alone; else that of every other pass (of every pass where rough data are rows, on which no steps
 *  are taken here). It stops when the step from a pass leaves a fall of S and a cosine within the tolerances, judged by how much the steps before left; that step
 *  is taken, and S falls by what its model says. Null when a bound is met, when a Hessian is not safely positive definite, or when S rises. */
export function createQuickFinish(
  problem: LeastSquaresProblem,
  objective: MixtureObjective,
  { objective: fine, data, wider }: RoughObjective,
): QuickFinish {
  const p = problem.dimension;
  const { lower, upper, observations, sumZero } = problem;
  const rough = wider !== null && fine.observations <= ROUGH_HESSIAN * objective.observations;
  const space = reductionWorkspace(problem);
  const vector = () => new Float64Array(p);
  const [theta, gradient, widerGradient, norms] = [vector(), vector(), vector(), vector()];
  const [step, reduced] = [vector(), vector()];
  const matrix = () => new Float64Array(p * p);
  const [hessian, widerHessian, factor] = [matrix(), matrix(), matrix()];

  /** Reduced directions at the point of the last Hessian, and the least pivot there. */
  let m = 0;
  let weakest = 1;

  /** The Newton step of `gradient` to `step`; returns its squared length in units of S, the fall of S that it predicts. */
  const newton = (): number => {
    for (let a = 0; a < m; a++) {
      const j = space.partner[a];
      reduced[a] = -(gradient[space.index[a]] - (j >= 0 ? gradient[j] : 0)) * space.scale[a];
    }
    forwardSolve(factor, m, p, reduced);
    let square = 0;
    for (let a = 0; a < m; a++) square += reduced[a] * reduced[a];
    backwardSolve(factor, m, p, reduced);
    spreadStep(problem, m, reduced, space, step);
    return square;
  };

  const largestCosine = (sse: number): number => {
    for (const members of sumZero) {
      let mean = 0;
      for (const i of members) mean += gradient[i] / members.length;
      for (const i of members) gradient[i] -= mean;
    }
    let largest = 0;
    for (let i = 0; i < p; i++)
      if (norms[i] > 0) largest = Math.max(largest, Math.abs(gradient[i]) / Math.sqrt(norms[i] * sse));
    return largest;
  };

  const factored = (sse: number): boolean => {
    reduceModel(problem, { gradient, norms, hessian, sse }, m, space);
    if (!cholesky(space.hessian, 0, m, p, factor)) return false;
    weakest = 1;
    for (let a = 0; a < m; a++) weakest = Math.min(weakest, factor[a * p + a] ** 2);
    return weakest >= LEAST_PIVOT;
  };

  const inside = (): boolean => {
    for (let i = 0; i < p; i++)
      if (lower[i] < upper[i] && !(theta[i] > lower[i] && theta[i] < upper[i])) return false;
    return true;
  };

  const move = (): void => {
    for (let i = 0; i < p; i++) theta[i] += step[i];
  };

  const root = Math.sqrt(observations);
  /** The Newton step of the derivatives at `theta`; NaN where the Hessian is not safely positive definite. */
  const firstStep = (sse: number): number => {
    m = freeDirections(problem, theta, gradient, space);
    return m > 0 && factored(sse) ? newton() : NaN;
  };

  /** Moves `theta` towards the minimum of S with Gauss-Newton steps on cells; false where they do not lead there. */
  const approach = (wide: MixtureObjective, given: number | null): boolean => {
    let on = wide.observations >= CELLS_PER_PARAMETER * p ? wide : fine;
    let before = Infinity;
    for (let taken = 0; taken < MOST_ROUGH_STEPS && inside(); taken++) {
      const sse = on.derivatives(theta, gradient, norms, hessian, false);
      const square = firstStep(sse);
      if (!(square > 0 && sse < before)) return false;
      before = sse;
      const enough = on === fine ? CLOSE * root : WIDELY_CLOSE * root ** 1.5;
      const close = square <= enough * (given ?? (sse + data.offset) / Math.max(1, observations - p));
      if (close && on === fine) {
        wide.slope(theta, widerGradient);
        for (let i = 0; i < p; i++) gradient[i] += (gradient[i] - widerGradient[i]) / 3;
        newton();
        move();
        return true;
      }
      move();
      if (close) {
        on = fine;
        before = Infinity;
      }
    }
    return false;
  };

  /** The Hessian of cells at `theta`, and its factor; false where it is not safely positive definite. */
  const cellHessian = (wide: MixtureObjective): boolean => {
    wide.derivatives(theta, gradient, norms, widerHessian, true);
    const sse = fine.derivatives(theta, gradient, norms, hessian, true);
    for (let i = 0; i < p * p; i++) hessian[i] += (hessian[i] - widerHessian[i]) / 3;
    return firstStep(sse) >= 0;
  };

  return (start, { noiseVariance, reductionTolerance, cosineTolerance, cancelled }) => {
    theta.set(start);
    projectOntoPolytope(theta, lower, upper, sumZero);
    if (wider && !(approach(wider, noiseVariance) && inside() && (!rough || cellHessian(wider)))) return null;
    let exact = !rough;
    let before = Infinity;
    let last = NaN;
    /* Of the last Hessian of all data: the square of its step, and how much shorter the next one was, which is its relative error. */
    let own = Infinity;
    let error = NaN;
    for (let pass = 1; pass <= MOST_PASSES && inside() && !cancelled?.(); pass++) {
      const sse = exact
        ? objective.derivatives(theta, gradient, wider ? null : norms, hessian, true)
        : objective.slope(theta, gradient);
      const noise = noiseVariance ?? sse / Math.max(1, observations - p);
      if (!(sse > 0) || !(sse <= before + reductionTolerance * noise)) return null;
      const square = exact ? firstStep(sse) : newton();
      if (!(square >= 0)) return null;
      const ratio = Math.sqrt(square / last);
      if (last === own) error = ratio;
      const caution = CAUTION * Math.max(1, CAREFUL_BELOW / weakest);
      const left = caution * (!exact ? ratio : ratio <= ALIKE ? error * Math.sqrt(square / own) : NaN);
      const cosine = left * largestCosine(sse);
      const predictedReduction = (left * left * square) / noise;
      const end = (status: "converged" | "max-iterations"): SolverResult => ({
        status,
        theta: theta.slice(),
        sse: sse - square,
        cosine,
        predictedReduction,
        iterations: pass,
        evaluations: pass,
      });
      if (exact ? !(square < own) : ratio > SLOWEST) {
        if (exact) return end("max-iterations");
        exact = true;
        last = NaN;
        continue;
      }
      move();
      if (predictedReduction <= reductionTolerance && cosine <= cosineTolerance)
        return inside() ? end("converged") : null;
      before = sse;
      last = square;
      if (exact) own = square;
      exact = !rough && !(exact && wider);
    }
    return null;
  };
}
