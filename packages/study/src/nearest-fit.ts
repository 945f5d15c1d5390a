import { createSolver, type LeastSquaresProblem } from "@moe-rates/estimators";
import { atomDistance, type AtomParts, cellsOf, withPull } from "./atom-distance.ts";

/** The parameter vectors in a box that fit noise-free data as well as can be told: S between `lowest` and `limit`. */
export interface GoodFits {
  readonly problem: LeastSquaresProblem;
  readonly lowest: number;
  readonly limit: number;
  /** S at which functions are called different; pulls are counted in it. */
  readonly unit: number;
  readonly parts: readonly AtomParts[];
}

/** A good fit, its distance (`atomDistance`) to the vector it is compared with, and the pull that led there. */
export interface NearFit {
  readonly theta: Float64Array;
  readonly distance: number;
  readonly pull: number;
}

/** Pulls in units of S per distance: the strongest, which keeps a path at the vector it starts from; the first of paths from elsewhere; the weakest. */
const STRONGEST = 1e7;
const ELSEWHERE = 1e5;
const WEAKEST = 1e-4;
const FACTOR = 10;
/** A path ends where S - lowest has come so near to its limit, where pulls below and above it are nearly the same, or after so many steps. */
const CLOSE = 0.96;
const SAME_PULL = 1.02;
const MOST_STEPS = 30;
/** Rounding of the norms in the pull: this share of its strength, between these bounds. */
const ROUNDING = { share: 1e-7, least: 1e-5, most: 0.1 };
const SOLVER = { maxIterations: 60, gaussNewtonSteps: 0, reductionTolerance: 1e-5, cosineTolerance: 1 };

/**
 * The good fit nearest to `fitted`, as far as paths from `fitted` itself and from `starts` find it on `coarse` data; the best of them is followed to its end on `fine` data.
 * Null where no path ends among the good fits.
 */
export function nearestFit(
  { coarse, fine }: { readonly coarse: GoodFits; readonly fine: GoodFits },
  fitted: Float64Array,
  starts: readonly Float64Array[],
): NearFit | null {
  let best = nearFit(coarse, fitted, fitted, STRONGEST);
  for (const start of starts) {
    const found = nearFit(coarse, fitted, start, ELSEWHERE, best?.distance);
    if (found && (!best || found.distance < best.distance)) best = found;
  }
  return best && nearFit(fine, fitted, best.theta, FACTOR * best.pull);
}

/**
 * The good fit at the end of a path from `start`; null where it ends outside the set or is seen to end further away than `further`. The path follows
 * the minimiser of S + 2 pull distance, from strong pulls to weak ones, until S is at its limit: then no good fit of the neighbourhood is nearer. The distance
 * grows as the pull weakens.
 */
function nearFit(
  fits: GoodFits,
  fitted: Float64Array,
  start: Float64Array,
  first: number,
  further = Infinity,
): NearFit | null {
  const { lowest, limit, parts } = fits;
  const excess = (sse: number) => Math.max(1e-6, (sse - lowest) / (limit - lowest));
  let good: (NearFit & { excess: number }) | undefined;
  let bad: { pull: number; excess: number } | undefined;
  let theta = start;
  let pull = first;
  for (let step = 0; step < MOST_STEPS; step++) {
    theta = minimiserUnder(fits, fitted, theta, pull);
    const now = { theta, pull, excess: excess(fits.problem.value(theta)) };
    const distance = atomDistance(parts, fitted, theta);
    if (now.excess <= 1) good = { ...now, distance };
    else if (!good && distance > further) return null;
    else bad = now;
    if (!good) {
      pull /= FACTOR;
      if (pull < WEAKEST) return null;
    } else if (good.excess >= CLOSE) break;
    else if (!bad) {
      pull *= FACTOR;
      if (pull > STRONGEST) break;
    } else {
      const ratio = bad.pull / good.pull;
      if (ratio < SAME_PULL) break;
      const share = Math.log((1 + CLOSE) / 2 / good.excess) / Math.log(bad.excess / good.excess);
      pull = good.pull * ratio ** Math.min(0.9, Math.max(0.1, share));
    }
  }
  return good ?? null;
}

function minimiserUnder(
  { problem, unit, parts }: GoodFits,
  fitted: Float64Array,
  start: Float64Array,
  pull: number,
): Float64Array {
  const weight = pull * unit;
  const rounding = Math.min(ROUNDING.most, Math.max(ROUNDING.least, ROUNDING.share * pull));
  const cells = cellsOf(parts, fitted, start);
  const solver = createSolver(withPull(problem, { parts, fitted, cells, weight, rounding }));
  return solver.solve(start, { ...SOLVER, noiseVariance: weight }).theta;
}
