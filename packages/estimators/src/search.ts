import { createObjective, type MixtureModel, type MixtureObjective } from "@moe-rates/mixture";
import { ascend } from "./ascend.ts";
import { copyAtom, copyAtoms, interceptIndex } from "./atom-layout.ts";
import { groupBasins, type Basin } from "./basins.ts";
import type { GlobalFitRequest } from "./global-fit.ts";
import { kMeansStart } from "./k-means-start.ts";
import { mixtureProblem, modelBox } from "./mixture-problem.ts";
import type { Polished } from "./polish.ts";
import { projectOntoPolytope } from "./polytope.ts";
import { drawChannel, randomStart } from "./random-start.ts";
import { createScoreField } from "./score-field.ts";
import type { LoadedData } from "./screening-data.ts";
import { splitDirections, splitStart } from "./split-start.ts";
import type { ScreenedStart, StartPoint, StartPolicy } from "./start-policy.ts";
import { createSolver, type Solver, type SolverOptions } from "./trust-region.ts";

/** Screening of starts on the (compressed) data, level by level in the number of atoms. */
export interface Search {
  /** Screens the starts of a policy for k atoms; `round` > 0 gives fresh ones. */
  screen(policy: StartPolicy, round: number): ScreenedStart[];
  screenPoints(points: readonly StartPoint[]): ScreenedStart[];
  group(starts: readonly ScreenedStart[], tolerance: number): Basin[];
  /** Noise variances by which a basin's sum of squares on compressed data may mislead. */
  readonly screeningError: number;
  solverOn(data: LoadedData, model: MixtureModel): Solver;
  /** Whether ten times as many starts find a sum of squares lower by more than 0.01 noise variances. */
  auditBeats(policy: StartPolicy, spent: number, fit: Polished, solver: Solver, options: Partial<SolverOptions>): boolean;
  iterations(): number;
  evaluations(): number;
}

const SCREENING: Partial<SolverOptions> = { maxIterations: 150, gaussNewtonSteps: 8, reductionTolerance: 2e-3, cosineTolerance: 1e-3 };
const CANDIDATES_PER_ADD = +(process.env["CPA"]??120);
const ASCENTS_PER_ADD = +(process.env["APA"]??8);
const FIRST_ASCENT = 4;
const ASCENT_STEPS = 15;

interface Level {
  readonly model: MixtureModel;
  readonly objective: MixtureObjective;
  readonly solver: Solver;
}

export function createSearch(request: GlobalFitRequest, data: LoadedData): Search {
  const { kernels, atoms, box, modelWith } = request;
  const single = modelWith(1);
  const levels = new Map<number, Level>();
  const parents = new Map<number, ScreenedStart[]>();
  let iterations = 0;
  let evaluations = 0;

  const levelOf = (k: number): Level => {
    let level = levels.get(k);
    if (!level) {
      const model = modelWith(k);
      const objective = createObjective(model, data.blocks, kernels);
      level = { model, objective, solver: createSolver(mixtureProblem(objective, box, data.offset)) };
      levels.set(k, level);
    }
    return level;
  };
  for (let k = 1; k <= atoms; k++) levelOf(k);

  const noiseOf = (sse: number, level: Level) => Math.max(sse, 1e-300) / Math.max(1, data.blocks.weight - level.model.parameterCount);

  const run = (level: Level, policy: string, theta: Float64Array): ScreenedStart => {
    const options = { ...SCREENING, ...(request.cancelled ? { cancelled: request.cancelled } : {}) };
    const result = level.solver.solve(theta, options);
    iterations += result.iterations;
    evaluations += result.evaluations;
    const fitted = new Float64Array(data.columns.y.length);
    level.model.regression(result.theta, data.columns.x, fitted.length, fitted);
    return { policy, theta: result.theta, sse: result.sse, fitted, evaluations: result.evaluations };
  };

  const group = (level: Level, starts: readonly ScreenedStart[], tolerance: number): Basin[] => {
    let lowest = Infinity;
    for (const { sse } of starts) if (sse < lowest) lowest = sse;
    return groupBasins(starts, data.columns.weights, noiseOf(lowest, level), tolerance);
  };

  /** Distinct best fits with k atoms, the parents of the starts with k + 1. */
  const parentsOf = (k: number): ScreenedStart[] => {
    let found = parents.get(k);
    if (!found) {
      const policy = { random: k === 1 ? 6 : 3, kMeans: 1, split: k === 1 ? 0 : 1, add: k === 1 ? 0 : 5 };
      const starts = screenLevel(k, policy, 0);
      found = group(levelOf(k), starts, 0.05).map(({ best }) => best);
      parents.set(k, found);
    }
    return found;
  };

  const addStarts = (level: Level, k: number, parent: ScreenedStart, count: number, purpose: string): Float64Array[] => {
    const mark = kernels.memory.mark();
    const small = levelOf(k - 1);
    const field = createScoreField({ kernels, data: data.blocks, objective: small.objective, theta: parent.theta, single });
    const random = request.random(purpose);
    const bounds = modelBox(single, box);
    const candidates: { point: Float64Array; gain: number }[] = [];
    for (let c = 0; c < count * CANDIDATES_PER_ADD; c++) {
      const point = new Float64Array(single.parameterCount);
      for (const channel of single.channels) drawChannel(channel, data.columns, box, random, point);
      candidates.push({ point, gain: field.gain(point, null) });
      if (candidates.length > 2 * ASCENTS_PER_ADD * count) prune(candidates, ASCENTS_PER_ADD * count);
    }
    prune(candidates, ASCENTS_PER_ADD * count);
    const climb = (steps: number) => {
      for (const candidate of candidates) candidate.gain = ascend(field.gain, candidate.point, bounds.lower, bounds.upper, steps);
    };
    climb(FIRST_ASCENT);
    prune(candidates, 3 * count);
    climb(ASCENT_STEPS);
    candidates.sort((a, b) => b.gain - a.gain);
    const noise = noiseOf(parent.sse, small);
    const kept: { point: Float64Array; gain: number }[] = [];
    for (const candidate of candidates) {
      if (kept.length >= count || !(candidate.gain > 0)) break;
      if (kept.every(({ gain }) => gain - candidate.gain > 0.02 * noise)) kept.push(candidate);
    }
    const starts = kept.map(({ point }) => {
      const start = new Float64Array(level.model.parameterCount);
      copyAtoms(small.model, parent.theta, level.model, start);
      copyAtom(single, point, 0, level.model, start, k - 1);
      const at = interceptIndex(level.model, k - 1);
      const own = interceptIndex(single, 0);
      const best = field.intercept(point);
      if (best !== null && at >= 0 && own >= 0) start[at] = point[own] + best;
      return start;
    });
    kernels.memory.release(mark);
    return starts;
  };

  const splitStarts = (level: Level, k: number, parent: ScreenedStart, count: number): Float64Array[] => {
    const small = levelOf(k - 1);
    if (small.model.gating.gauge !== "translation") return [];
    const noise = Math.sqrt(noiseOf(parent.sse, small));
    const { lower, upper, sumZero } = modelBox(level.model, box);
    return splitDirections(small.objective, parent.theta)
      .slice(0, count)
      .map((direction) => {
        let best: { start: Float64Array; sse: number } | undefined;
        for (const length of [3, 10, 30, 100]) {
          const start = splitStart(small.model, parent.theta, level.model, direction, length * noise);
          projectOntoPolytope(start, lower, upper, sumZero);
          const sse = level.objective.value(start);
          if (!best || sse < best.sse) best = { start, sse };
        }
        evaluations += 4;
        return best!.start;
      });
  };

  const screenLevel = (k: number, policy: StartPolicy, round: number): ScreenedStart[] => {
    const level = levelOf(k);
    const found: ScreenedStart[] = [];
    const launch = (name: string, theta: Float64Array) => {
      if (!request.cancelled?.()) found.push(run(level, name, theta));
    };
    const tag = `${k}/${round}`;
    if (k > 1) {
      const pool = parentsOf(k - 1);
      const parent = pool[Math.min(round, pool.length - 1)];
      if (parent && policy.add > 0) for (const start of addStarts(level, k, pool[0], policy.add, `add/${tag}`)) launch("add", start);
      if (parent && policy.add > 0 && pool.length > 1) {
        const other = pool[1 + (round % (pool.length - 1))];
        for (const start of addStarts(level, k, other, Math.ceil(policy.add / 2), `add-second/${tag}`)) launch("add", start);
      }
      if (parent && policy.split > 0) for (const start of splitStarts(level, k, parent, policy.split)) launch("split", start);
    }
    const random = request.random(`random/${tag}`);
    for (let i = 0; i < policy.random; i++) launch("random", randomStart(level.model, data.columns, box, random));
    const clusters = request.random(`k-means/${tag}`);
    for (let i = 0; i < policy.kMeans; i++) {
      launch("k-means", kMeansStart(kernels, data.columns, single, level.model, box, clusters));
    }
    return found;
  };

  const top = levelOf(atoms);
  return {
    screen: (policy, round) => screenLevel(atoms, policy, round),
    screenPoints: (points) => points.map(({ policy, theta }) => run(top, policy, theta)),
    group: (starts, tolerance) => group(top, starts, tolerance),
    screeningError: data.columns.weights ? 2 : 0.05,
    solverOn: (loaded, model) => createSolver(mixtureProblem(createObjective(model, loaded.blocks, kernels), box, loaded.offset)),
    auditBeats(_policy, spent, fit, solver, options) {
      const noise = options.noiseVariance ?? 0;
      const wide = { random: 4 * spent, kMeans: spent, split: 0, add: 5 * spent };
      const basins = group(top, screenLevel(atoms, wide, 1000), BASIN);
      const floor = basins[0]?.best.sse ?? Infinity;
      for (const basin of basins.slice(0, 12)) {
        if (basin.best.sse - floor > this.screeningError * noise) break;
        if (solver.solve(basin.best.theta, options).sse < fit.sse - 0.01 * noise) return true;
      }
      return false;
    },
    iterations: () => iterations,
    evaluations: () => evaluations,
  };
}

const BASIN = 0.01;

function prune(candidates: { gain: number }[], keep: number): void {
  candidates.sort((a, b) => b.gain - a.gain);
  candidates.length = Math.min(candidates.length, keep);
}
