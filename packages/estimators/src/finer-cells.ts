import type { Kernels } from "@moe-rates/kernels";
import type { MixtureObjective } from "@moe-rates/mixture";
import { BASIN_TOLERANCE, sameBasin } from "./basins.ts";
import { writeResponses, type LoadedData, type Screen } from "./screening-data.ts";
import type { Solver, SolverOptions, SolverResult } from "./trust-region.ts";

/** Solves between those on the screening cells and those on all data. */
export interface FinerCells {
  /** Solves a screened start on finer cells, made exact at the best fit so far; null when it ends higher there, `best` itself when it ends in the same
   *  basin there as the best fit. Returns `theta` itself where there are no finer cells. */
  refine(theta: Float64Array, best: Float64Array, noise: number): Float64Array | null;
  /** Brings a point to the minimiser on all data by solves on finer cells that are made exact at each result in turn: the many small steps
   *  along a flat valley cost passes over cells. Returns `theta` itself where there are no finer cells, null where S ends above
   *  `options.abandonAbove`. */
  settle(theta: Float64Array, noise: number, options: Partial<SolverOptions>): Float64Array | null;
}

/** Noise variances by which sums of squares of the finer cells may mislead. */
const MISLEADING = 1.5;
/** On finer cells that are exact at a settled point a fit is worse when S is higher by more than so many noise variances. */
export const CLEARLY = 1;
/** A point is settled when a solve on cells that are exact there gains no more than so many noise variances. */
const SETTLED = 1e-2;
const SETTLING_ROUNDS = 5;

/** For samples that are not much larger than the finer cells. */
export const noFinerCells: FinerCells = { refine: (theta) => theta, settle: (theta) => theta };

/** Finer cells of one model. `centre` makes them exact at a point and returns S there; `screening` are the options of a first solve. */
export function createFinerCells(request: {
  readonly kernels: Kernels;
  readonly screen: Screen;
  readonly objective: MixtureObjective;
  readonly screening: Partial<SolverOptions>;
  solverOf(objective: MixtureObjective, data: LoadedData): Solver;
  centre(objective: MixtureObjective, theta: Float64Array): number;
  solve(solver: Solver, theta: Float64Array, options: Partial<SolverOptions>): SolverResult;
}): FinerCells {
  const { kernels, screen, objective, screening, solve } = request;
  const { data } = screen;
  const { y, weights } = data.columns;
  const solver = request.solverOf(objective, data);
  const fittedAt = (theta: Float64Array): Float64Array => {
    const values = new Float64Array(y.length);
    objective.fitted(theta, values);
    return values;
  };
  /** The cells as they are when exact at the best fit, and where the best fit ends on them. */
  let atBest:
    | { theta: Float64Array; responses: Float64Array; within: number; sse: number; fitted: Float64Array }
    | undefined;

  return {
    refine(theta, best, noise) {
      if (atBest?.theta !== best) {
        request.centre(objective, best);
        const end = solve(solver, best, screening);
        const { sse } = end;
        atBest = { theta: best, responses: y.slice(), within: data.offset, sse, fitted: fittedAt(end.theta) };
      } else {
        y.set(atBest.responses);
        writeResponses(kernels, data, atBest.within);
      }
      const limit = atBest.sse + MISLEADING * noise;
      const result = solve(solver, theta, {
        ...screening,
        initialNoise: 10,
        noiseVariance: noise,
        abandonAbove: limit,
      });
      if (result.status === "abandoned" || result.sse > limit) return null;
      const end = { sse: result.sse, fitted: fittedAt(result.theta) };
      return sameBasin(atBest, end, weights, noise, BASIN_TOLERANCE) ? best : result.theta;
    },
    settle(theta, noise, options) {
      let now = theta;
      for (let round = 0; round < SETTLING_ROUNDS; round++) {
        const before = request.centre(objective, now);
        const end = solve(solver, now, { ...options, initialNoise: 10, noiseVariance: noise });
        if (end.status === "abandoned") return null;
        now = end.theta;
        if (before - end.sse > SETTLED * noise) continue;
        return end.sse > (options.abandonAbove ?? Infinity) ? null : now;
      }
      return now;
    },
  };
}
