import type { MixtureObjective } from "@moe-rates/mixture";
import { backwardSolve, cholesky, forwardSolve } from "./cholesky.ts";
import type { LeastSquaresProblem } from "./problem.ts";
import { freeDirections, reduceModel, reductionWorkspace, spreadStep } from "./reduction.ts";
import type { SolverOptions, SolverResult } from "./trust-region.ts";

/** Brings a point near a well-posed minimum to it in few passes over the data; null where it is not near enough, or the minimum not well-posed. */
export type QuickFinish = (near: Float64Array, options: SolverOptions) => SolverResult | null;

/** A cheap objective of about 1 / share times S; `exact`: its residuals say nothing about the curvature of S, which the first pass must find. */
export interface RoughObjective {
  readonly objective: MixtureObjective;
  readonly share: number;
  readonly exact: boolean;
}

/** Least square of a pivot of the scaled Hessian: less, and directions are too flat for a Hessian that is kept. */
const LEAST_PIVOT = 1e-3;
const MOST_PASSES = 5;
const MOST_CORRECTIONS = 6;
/** Steps must shrink at least so fast from pass to pass, and so much in square from correction to correction. */
const SLOWEST = 0.2;
/** What a step leaves: at most its length times so many times the last shrinkage. */
const CAUTION = 4;

/** Newton's method for S with the Hessian of the first pass (of the first two where rough data are rows) and gradients of the others, each step corrected on rough data for what the quadratic model misses:
 *  with G and K the rough gradient and Hessian, H and g those of S at the point of the pass, the step goes on to a zero of
 *
 *     g + (H - share K(theta)) s + share (G(theta + s) - G(theta)),
 *
 *  whose Hessian at theta + s serves the next pass. It stops when the step from a pass predicts a fall of S within the tolerance, and leaves, judged by how
 *  fast steps have shrunk, a cosine within its; that step is taken, and S falls by what its model says. Null when a bound is met, when a
 *  Hessian is not safely positive definite, when S rises, or when steps do not shrink. */
export function createQuickFinish(
  problem: LeastSquaresProblem,
  objective: MixtureObjective,
  rough: RoughObjective,
): QuickFinish {
  const p = problem.dimension;
  const { lower, upper, observations, sumZero } = problem;
  const { objective: cheap, share } = rough;
  const space = reductionWorkspace(problem);
  const vector = () => new Float64Array(p);
  const [theta, gradient, norms, step, more] = [vector(), vector(), vector(), vector(), vector()];
  const [roughGradient, roughNorms, moved, there, reduced] = [
    vector(),
    vector(),
    vector(),
    vector(),
    vector(),
  ];
  const matrix = () => new Float64Array(p * p);
  const [hessian, apart, roughHessian, factor] = [matrix(), matrix(), matrix(), matrix()];

  /** The Newton step of gradient `from` to `out`; returns its squared length in units of S, the fall of S that it predicts. */
  const newton = (from: Float64Array, m: number, out: Float64Array): number => {
    for (let a = 0; a < m; a++) {
      const j = space.partner[a];
      reduced[a] = -(from[space.index[a]] - (j >= 0 ? from[j] : 0)) * space.scale[a];
    }
    forwardSolve(factor, m, p, reduced);
    let square = 0;
    for (let a = 0; a < m; a++) square += reduced[a] * reduced[a];
    backwardSolve(factor, m, p, reduced);
    spreadStep(problem, m, reduced, space, out);
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

  /** `apart` = H - share K. A pass without an exact Hessian gets its curvature from the rough residuals. */
  const compareHessians = (exact: boolean): void => {
    if (!exact) {
      cheap.derivatives(theta, there, roughNorms, apart, false);
      for (let i = 0; i < p * p; i++) hessian[i] -= share * apart[i];
    }
    cheap.derivatives(theta, roughGradient, roughNorms, roughHessian, true);
    for (let i = 0; i < p * p; i++) {
      if (!exact) hessian[i] += share * roughHessian[i];
      apart[i] = hessian[i] - share * roughHessian[i];
    }
  };

  const factored = (m: number, from: Float64Array, matrix: Float64Array, sse: number): boolean => {
    reduceModel(problem, { gradient: from, norms, hessian: matrix, sse }, m, space);
    if (!cholesky(space.hessian, 0, m, p, factor)) return false;
    for (let a = 0; a < m; a++) if (factor[a * p + a] ** 2 < LEAST_PIVOT) return false;
    return true;
  };

  /** Lengthens `step`, of squared length `square`, to a zero of the corrected gradient, until a correction is at most `enough`. */
  const corrected = (m: number, square: number, sse: number, enough: number): boolean => {
    let before = square;
    for (let round = 0; round < MOST_CORRECTIONS; round++) {
      for (let i = 0; i < p; i++) moved[i] = theta[i] + step[i];
      cheap.derivatives(moved, there, roughNorms, roughHessian, true);
      for (let i = 0; i < p; i++) {
        let row = 0;
        for (let j = 0; j < p; j++) {
          row += apart[i * p + j] * step[j];
          roughHessian[i * p + j] = apart[i * p + j] + share * roughHessian[i * p + j];
        }
        there[i] = gradient[i] + row + share * (there[i] - roughGradient[i]);
      }
      if (!factored(m, there, roughHessian, sse)) return false;
      const now = newton(there, m, more);
      if (!(now < SLOWEST * before)) return false;
      for (let i = 0; i < p; i++) step[i] += more[i];
      before = now;
      if (now <= enough) return true;
    }
    return false;
  };

  const inside = (): boolean => {
    for (let i = 0; i < p; i++)
      if (lower[i] < upper[i] && !(theta[i] > lower[i] && theta[i] < upper[i])) return false;
    return true;
  };

  return (near, { noiseVariance, reductionTolerance, cosineTolerance, cancelled }) => {
    theta.set(near);
    let m = 0;
    let before = Infinity;
    let last = Infinity;
    for (let pass = 1; pass <= MOST_PASSES && inside() && !cancelled?.(); pass++) {
      const first = pass === 1;
      const fresh = pass <= (share > 1 ? 2 : 1);
      const sse = fresh
        ? objective.derivatives(theta, gradient, norms, hessian, rough.exact)
        : objective.slope(theta, gradient);
      const noise = noiseVariance ?? sse / Math.max(1, observations - p);
      const tolerance = reductionTolerance * noise;
      if (!(sse > 0) || !(sse <= before + tolerance)) return null;
      if (fresh) {
        compareHessians(rough.exact);
        m = freeDirections(problem, theta, gradient, space);
        if (m === 0 || !factored(m, gradient, hessian, sse)) return null;
      } else cheap.slope(theta, roughGradient);
      const cosine = largestCosine(sse);
      const square = newton(gradient, m, step);
      const ratio = Math.sqrt(square / last);
      if (!first && !(ratio <= SLOWEST)) return null;
      const left = CAUTION * ratio;
      if (!first && square <= tolerance && left * cosine <= cosineTolerance) {
        for (let i = 0; i < p; i++) theta[i] += step[i];
        if (!inside()) return null;
        return {
          status: "converged",
          theta: theta.slice(),
          sse: sse - square,
          cosine: left * cosine,
          predictedReduction: (left * left * square) / noise,
          iterations: pass,
          evaluations: pass,
        };
      }
      if (!corrected(m, square, sse, tolerance)) return null;
      for (let i = 0; i < p; i++) theta[i] += step[i];
      before = sse;
      last = square;
    }
    return null;
  };
}
