import type { Kernels } from "@moe-rates/kernels";
import { createObjective, type DataBlocks, type MixtureModel } from "@moe-rates/mixture";
import { BASIN_TOLERANCE, groupBasins } from "./basins.ts";
import { mixtureProblem } from "./mixture-problem.ts";
import { CELLS_PER_PARAMETER, createQuickFinish } from "./quick-finish.ts";
import { rememberedProblem } from "./remembered-problem.ts";
import { roughLevels } from "./rough-data.ts";
import type { ScreenedStart } from "./start-policy.ts";
import { createSettling } from "./settling.ts";
import {
  createSolver,
  defaultSolverOptions,
  type Solver,
  type SolverOptions,
  type SolverResult,
} from "./trust-region.ts";

/** A local solver of a mixture on all data that takes its first steps on rough data. */
export interface StagedSolver extends Solver {
  /** The lowest minimum that solves from several starts reach. Starts that lead to one minimum of the cells count as one, and one whose minimum is
   *  higher there by more than 5 noise variances is not followed further; without cells every start is. */
  solveBest(starts: readonly Float64Array[], options?: Partial<SolverOptions>): SolverResult;
  /** Reads the sample again, after the data in kernel memory were overwritten. */
  refill(x: Float64Array, y: Float64Array): void;
  /** How the last solve on all data went: in few passes, or step by step from where rough data led or from the start itself. */
  way(): "quick" | "from-near" | "from-start";
}

type Work = Pick<SolverResult, "iterations" | "evaluations">;

/** First steps end within about half a noise standard deviation of the rough data; where minima are to be compared they go on. */
const ROUGH: Partial<SolverOptions> = {
  maxIterations: 40,
  gaussNewtonSteps: 2,
  cosineTolerance: 0.05,
  reductionTolerance: 0.2,
};
const COMPARABLE: Partial<SolverOptions> = {
  maxIterations: 300,
  cosineTolerance: 1e-4,
  reductionTolerance: 1e-3,
};
/** Noise variances by which sums of squares of cells may mislead. */
const CELL_ERROR = 5;
/** Rough data that cost more than this share of all data are of no use near the minimum. */
const CHEAP = 0.3;
/** A well-posed minimum is reached where the fall of S that is left is within the tolerance: its root, in noise variances, is the distance in standard errors. */
const STAGED: SolverOptions = { ...defaultSolverOptions, cosineTolerance: 1e-3 };
const NEAR: Partial<SolverOptions> = { gaussNewtonSteps: 0, initialNoise: 10 };

/** A solver from given starts whose first steps cost next to nothing on large samples: from the start to a minimum on rough data, coarsest first, then few passes
 *  over all data. At a well-posed minimum it stops by the fall of S that is left, `reductionTolerance`; its cosine is at most 1e-3 unless `cosineTolerance` asks for less. Else
 *  the result meets the stopping rule of `createSolver`, which goes on from where rough data led, or where they led nowhere solves from the start.
 *  `x` column-major n x d and `y` are what `blocks` hold. */
export function createStagedSolver(request: {
  readonly kernels: Kernels;
  readonly model: MixtureModel;
  readonly box: number;
  readonly blocks: DataBlocks;
  readonly x: Float64Array;
  readonly y: Float64Array;
}): StagedSolver {
  const { kernels, model, box, blocks } = request;
  const n = blocks.observations;
  const p = model.parameterCount;
  const objective = createObjective(model, blocks, kernels);
  let version = 0;
  const problem = rememberedProblem(mixtureProblem(objective, box), () => version);
  const plain = createSolver(problem);
  const smooth = model.gating.ranked === undefined;
  const rough = roughLevels(kernels, smooth ? n : 0, model.inputDim, p, model.normalised);
  rough.fill(request.x, request.y);
  const stages = rough.levels.map((level) => {
    const own = createObjective(model, level.blocks, kernels);
    return { level, objective: own, solver: createSolver(mixtureProblem(own, box, level)) };
  });
  const finest = stages.at(-1);
  const cheap =
    finest && finest.level.blocks.observations <= CHEAP * n
      ? {
          objective: finest.objective,
          data: finest.level,
          wider: finest.level.share === 1 ? stages[stages.length - 2].objective : null,
        }
      : null;
  const finish = cheap && createQuickFinish(problem, objective, cheap);
  const settle = cheap && createSettling(problem, cheap);
  let way: ReturnType<StagedSolver["way"]> = "from-start";

  /** A minimum on rough data, and the iterations it took. */
  const approach = (start: Float64Array, options: Partial<SolverOptions>): SolverResult | null => {
    let near: SolverResult | null = null;
    let iterations = 0;
    for (const stage of stages) {
      if (stage.level.blocks.observations < CELLS_PER_PARAMETER * p) continue;
      near = stage.solver.solve(near?.theta ?? start, stage === finest ? options : ROUGH);
      iterations += near.iterations;
      if (near.status !== "converged") return null;
    }
    return near && { ...near, iterations };
  };

  /** Step by step from a point near a minimum of S. */
  const follow = (near: Float64Array, before: Work, given: Partial<SolverOptions>): SolverResult => {
    way = "from-near";
    const settled = settle?.(near, { ...defaultSolverOptions, ...given });
    const result = plain.solve(settled?.theta ?? near, { ...given, ...NEAR });
    return {
      ...result,
      iterations: before.iterations + (settled?.iterations ?? 0) + result.iterations,
      evaluations: before.evaluations + (settled?.evaluations ?? 0) + result.evaluations,
    };
  };

  /** In few passes where that does, else step by step; null where the first do not lead near a minimum. */
  const quickly = (from: Float64Array, given: Partial<SolverOptions>): SolverResult | null => {
    const done = finish?.(from, { ...STAGED, ...given });
    if (done?.status === "max-iterations") return follow(done.theta, done, given);
    way = "quick";
    return done ?? null;
  };

  const complete = (near: Float64Array, before: number, given: Partial<SolverOptions>): SolverResult => {
    const done = quickly(near, given);
    return done
      ? { ...done, iterations: before + done.iterations }
      : follow(near, { iterations: before, evaluations: 0 }, given);
  };

  const solve = (start: Float64Array, given: Partial<SolverOptions> = {}): SolverResult => {
    const direct = cheap?.wider ? quickly(start, given) : null;
    if (direct) return direct;
    const near = approach(start, { ...ROUGH, ...(given.cancelled ? { cancelled: given.cancelled } : {}) });
    if (near) return complete(near.theta, near.iterations, given);
    way = "from-start";
    return plain.solve(start, given);
  };

  return {
    problem,
    solve,
    way: () => way,
    refill(x, y) {
      version++;
      rough.fill(x, y);
    },
    solveBest(starts, given = {}) {
      let best: SolverResult | undefined;
      let work = { iterations: 0, evaluations: 0 };
      const take = (result: SolverResult): void => {
        work = {
          iterations: work.iterations + result.iterations,
          evaluations: work.evaluations + result.evaluations,
        };
        if (!(best && best.sse <= result.sse)) best = result;
      };
      const near: ScreenedStart[] = [];
      for (const start of starts) {
        const found = cheap?.wider ? approach(start, COMPARABLE) : null;
        if (!found || !finest) take(solve(start, given));
        else {
          const fitted = new Float64Array(finest.level.weights.length);
          finest.objective.fitted(found.theta, fitted);
          near.push({
            policy: "given",
            given: true,
            exact: false,
            theta: found.theta,
            sse: found.sse,
            fitted,
          });
          work.iterations += found.iterations;
        }
      }
      if (near.length > 0 && finest) {
        const lowest = Math.min(...near.map(({ sse }) => sse));
        const noise = lowest / Math.max(1, n - p);
        for (const { best: start } of groupBasins(near, finest.level.weights, noise, BASIN_TOLERANCE))
          if (start.sse <= lowest + CELL_ERROR * noise) take(complete(start.theta, 0, given));
      }
      if (!best) throw new RangeError("solveBest needs a start");
      return { ...best, ...work };
    },
  };
}
