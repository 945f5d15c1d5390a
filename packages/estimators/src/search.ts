import { createObjective, type MixtureModel, type MixtureObjective } from "@moe-rates/mixture";
import { atomPlaces, copyAtom, copyAtoms } from "./atom-layout.ts";
import { BASIN_TOLERANCE, groupBasins, type Basin } from "./basins.ts";
import { CLEARLY, createFinerCells, type FinerCells, noFinerCells } from "./finer-cells.ts";
import type { GlobalFitRequest } from "./global-fit.ts";
import { growths } from "./growths.ts";
import { kMeansStart } from "./k-means-start.ts";
import { mixtureProblem, modelBox } from "./mixture-problem.ts";
import type { Polished } from "./polish.ts";
import { projectOntoPolytope } from "./polytope.ts";
import { randomStart, redrawnAtom } from "./random-start.ts";
import { regroupedStarts } from "./regroup.ts";
import { createScoreField } from "./score-field.ts";
import { addedAtomBounds, scoreMaxima } from "./score-maxima.ts";
import { rememberedProblem } from "./remembered-problem.ts";
import { centreCells, subtractFrom, type LoadedData, type Screen } from "./screening-data.ts";
import { scatteredSplit, splitDirections, splitStart } from "./split-start.ts";
import type { ScreenedStart, StartPoint, StartPolicy } from "./start-policy.ts";
import { createStagedSolver } from "./staged-solver.ts";
import { createSolver, type Solver, type SolverOptions } from "./trust-region.ts";

/** Screening of starts on the (compressed) data, level by level in the number of atoms. */
export interface Search extends FinerCells {
  /** Screens the starts of a policy for k atoms, after `points` of the caller's own; `round` > 0 gives fresh ones. */
  screen(policy: StartPolicy, round: number, points?: readonly StartPoint[]): ScreenedStart[];
  /** Screens starts that have one atom of a fit drawn anew: its expert, its gate, or all of it moved by about a third. */
  screenAround(theta: Float64Array, count: number, round: number): ScreenedStart[];
  /** Solves the caller's own starts on all data. */
  solvePoints(points: readonly StartPoint[]): ScreenedStart[];
  group(starts: readonly ScreenedStart[], tolerance: number): Basin[];
  /** Makes the compressed data exact at the best fit with one atom less, or at `start` where the policy has no such fit. */
  centre(start: ScreenedStart | null): void;
  /** Makes the compressed data exact at a fit with k atoms; false when nothing is compressed. */
  recentre(theta: Float64Array): boolean;
  /** Solves a screened start again, after a change of the compressed data. */
  again(start: ScreenedStart): ScreenedStart;
  /** Noise variances by which differences of sums of squares on the screening data may mislead. */
  readonly screeningError: number;
  /** The solver on all data. */
  readonly solver: Solver;
  /** Whether ten times as many starts find a sum of squares lower by more than 0.01 noise variances. */
  auditBeats(policy: StartPolicy, fit: Polished, options: Partial<SolverOptions>): boolean;
  iterations(): number;
  evaluations(): number;
}

const SCREENING: Partial<SolverOptions> = {
  maxIterations: 150,
  gaussNewtonSteps: 0,
  reductionTolerance: 2e-3,
  cosineTolerance: 1e-3,
};
/** First steps of a screened start, on the coarse cells. A radius of ten noise standard deviations is about what an atom in excess gains. */
const APPROACH: Partial<SolverOptions> = { ...SCREENING, maxIterations: 8, initialNoise: 10 };
/** Noise variances by which sums of squares of the fine cells may mislead. */
const SCREENING_ERROR = 8;
/** The audit: so many more rounds of starts, the basins polished at most, and the gain in noise variances that counts. */
const AUDIT_FACTOR = 10;
const FIRST_AUDIT = 1000;
const MOST_AUDITED = 60;
const BEATEN_BY = 0.01;

/** Fits with one atom less that serve as parents. */
const MOST_PARENTS = 4;
/** Starts for parents with groups: which atoms share one is settled there, and only a start of another kind can settle it otherwise. */
const GROUP_PARENTS: StartPolicy = { random: 40, kMeans: 4, split: 8, add: 32, around: 0 };
/** Other groupings of the atoms of a two-level fit that are tried, and how often in a row. */
const MOST_REGROUPED = 12;
const REGROUP_PASSES = 3;
const SPLIT_RADII = [0.3, 0.7, 1.5];

interface Level {
  readonly model: MixtureModel;
  readonly objective: MixtureObjective;
  readonly solver: Solver;
  readonly coarse: { readonly objective: MixtureObjective; readonly solver: Solver };
}

/** A search that places starts and takes their first steps on `coarse` and screens them on `fine`. */
export function createSearch(
  request: GlobalFitRequest,
  { full, medium, fine, coarse }: { full: LoadedData; medium: Screen | null; fine: Screen; coarse: Screen },
): Search {
  const { data, cells } = fine;
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
      const on = ({ data: source }: Screen) => {
        const objective = createObjective(model, source.blocks, kernels);
        return { objective, solver: createSolver(mixtureProblem(objective, box, source)) };
      };
      const { objective, solver } = on(fine);
      level = { model, objective, solver, coarse: coarse === fine ? { objective, solver } : on(coarse) };
      levels.set(k, level);
    }
    return level;
  };
  for (let k = 1; k <= atoms; k++) levelOf(k);

  const noiseOf = (sse: number, level: Level) =>
    Math.max(sse, 1e-300) / Math.max(1, data.blocks.weight - level.model.parameterCount);

  const cancelled = request.cancelled ? { cancelled: request.cancelled } : {};
  const solve = (solver: Solver, theta: Float64Array, options: Partial<SolverOptions>) => {
    const result = solver.solve(theta, { ...options, ...cancelled });
    iterations += result.iterations;
    evaluations += result.evaluations;
    return result;
  };

  const run = (
    level: Level,
    policy: string,
    theta: Float64Array,
    exact = cells === null,
    options = SCREENING,
  ): ScreenedStart => {
    const result = solve(level.solver, theta, options);
    const fitted = new Float64Array(data.columns.y.length);
    level.objective.fitted(result.theta, fitted);
    return {
      policy,
      theta: result.theta,
      sse: result.sse,
      exact,
      given: false,
      fitted,
    };
  };

  /** Screens a start: the first steps on the coarse cells. */
  const approach = (level: Level, policy: string, theta: Float64Array): ScreenedStart =>
    run(level, policy, solve(level.coarse.solver, theta, APPROACH).theta);

  /** Starts after the first steps that the caller's presolver takes for all of them at once; null when it takes none. */
  const presolved = (
    model: MixtureModel,
    { columns }: LoadedData,
    placed: readonly StartPoint[],
  ): readonly StartPoint[] | null => {
    if (placed.length === 0) return null;
    const starts = placed.map(({ theta }) => theta);
    const near = request.presolve?.({ model, box, data: columns, starts });
    return near ? placed.map(({ policy }, i) => ({ policy, theta: near[i] })) : null;
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
      const few = {
        random: k === 1 ? 6 : 3,
        kMeans: 1,
        split: k === 1 ? 0 : 4,
        add: k === 1 ? 0 : 12,
        around: 0,
      };
      const policy = levelOf(k).model.gating.groups ? GROUP_PARENTS : few;
      const starts = screenLevel(k, policy, 0);
      found = group(levelOf(k), starts, 0.05).map(({ best }) => best);
      parents.set(k, found);
    }
    return found;
  };

  /** The best parents with k atoms, after a change of the compressed data. */
  const solveParentsAgain = (k: number): void => {
    const again = parentsOf(k)
      .slice(0, MOST_PARENTS)
      .map(({ policy, theta }) => run(levelOf(k), policy, theta));
    parents.set(
      k,
      again.sort((a, b) => a.sse - b.sse),
    );
  };

  const addStarts = (
    level: Level,
    k: number,
    parent: ScreenedStart,
    count: number,
    purpose: string,
  ): Float64Array[] => {
    const small = levelOf(k - 1);
    const random = request.random(purpose);
    const { added } = atomPlaces(small.model, level.model);
    const settled = solve(small.coarse.solver, parent.theta, SCREENING).theta;
    const ways = growths(small.model, settled, level.model);
    return ways.flatMap(({ theta, group, atoms: neighbours }) => {
      const mark = kernels.memory.mark();
      const field = createScoreField({
        kernels,
        data: coarse.data.blocks,
        objective: small.coarse.objective,
        theta,
        single,
        group,
      });
      const bounds = addedAtomBounds(single, box, neighbours.length + 1, small.model.unpackShared(theta));
      const share = Math.ceil(count / ways.length);
      const found = scoreMaxima({ field, data: coarse.data.columns, bounds, random, count: share });
      const starts = found.map(({ point }) => {
        const start = new Float64Array(level.model.parameterCount);
        copyAtoms(small.model, theta, level.model, start);
        copyAtom(single, point, 0, level.model, start, added);
        return start;
      });
      kernels.memory.release(mark);
      return starts;
    });
  };

  /** Starts with one atom of the parent in two: first along the leading directions of the splitting matrices (round 0), then with every
   *  parameter moved at random, at three radii. */
  const splitStarts = (
    level: Level,
    k: number,
    parent: ScreenedStart,
    count: number,
    round: number,
  ): Float64Array[] => {
    const small = levelOf(k - 1);
    const { lower, upper, sumZero } = modelBox(level.model, box);
    const starts: Float64Array[] = [];
    const ways = growths(small.model, parent.theta, level.model);
    if (round === 0 && small.model.gating.scores) {
      const noise = Math.sqrt(noiseOf(parent.sse, small));
      const directions = ways
        .flatMap(({ theta, atoms: eligible }) =>
          splitDirections(small.coarse.objective, theta)
            .filter(({ atom }) => eligible.includes(atom))
            .map((direction) => ({ theta, direction })),
        )
        .sort((a, b) => b.direction.eigenvalue - a.direction.eigenvalue);
      for (const { theta, direction } of directions.slice(0, Math.ceil(count / 4))) {
        let best: { start: Float64Array; sse: number } | undefined;
        for (const length of [3, 10, 30, 100]) {
          const start = splitStart(small.model, theta, level.model, direction, length * noise);
          projectOntoPolytope(start, lower, upper, sumZero);
          const sse = level.coarse.objective.value(start);
          if (!best || sse < best.sse) best = { start, sse };
        }
        evaluations += 4;
        starts.push(best!.start);
      }
    }
    const random = request.random(`split/${k}/${round}`);
    while (starts.length < count) {
      const radius = SPLIT_RADII[starts.length % SPLIT_RADII.length];
      const { theta, atoms: eligible } = ways[starts.length % ways.length];
      const atom = eligible[random.integer(eligible.length)];
      starts.push(scatteredSplit(small.model, theta, level.model, atom, radius, data.columns, random));
    }
    return starts;
  };

  const screenLevel = (
    k: number,
    policy: StartPolicy,
    round: number,
    points: readonly StartPoint[] = [],
  ): ScreenedStart[] => {
    const level = levelOf(k);
    const found: ScreenedStart[] = [];
    const placed: StartPoint[] = [...points];
    const launch = (policy: string, theta: Float64Array) => {
      if (!request.cancelled?.()) placed.push({ policy, theta });
    };
    const tag = `${k}/${round}`;
    if (k > 1) {
      const pool = parentsOf(k - 1);
      if (pool.length > 0 && policy.add > 0)
        for (const start of addStarts(level, k, pool[0], policy.add, `add/${tag}`)) launch("add", start);
      if (level.model.gating.groups && policy.add > 0) {
        const count = k === atoms ? policy.add : Math.ceil(policy.add / 4);
        for (const [i, parent] of pool.slice(1, MOST_PARENTS).entries())
          for (const start of addStarts(level, k, parent, count, `add-other/${i}/${tag}`))
            launch("add", start);
      } else if (pool.length > 1 && policy.add > 0) {
        const other = pool[1 + (round % (pool.length - 1))];
        for (const start of addStarts(level, k, other, Math.ceil(policy.add / 4), `add-second/${tag}`))
          launch("add", start);
      }
      if (pool.length > 0 && policy.split > 0)
        for (const start of splitStarts(level, k, pool[0], policy.split, round)) launch("split", start);
    }
    const random = request.random(`random/${tag}`);
    const draws = k === 1 ? Math.min(40, policy.random + policy.split + policy.add) : policy.random;
    for (let i = 0; i < draws; i++) launch("random", randomStart(level.model, data.columns, box, random));
    const clusters = request.random(`k-means/${tag}`);
    for (let i = 0; i < policy.kMeans; i++) {
      launch("k-means", kMeansStart(kernels, data.columns, single, level.model, box, clusters));
    }
    const near = presolved(level.model, coarse.data, placed);
    const first = near ? run : approach;
    for (const [i, { policy: name, theta }] of (near ?? placed).entries())
      if (!request.cancelled?.()) found.push({ ...first(level, name, theta), given: i < points.length });
    return level.model.gating.groups ? [...found, ...regrouped(level, found, `regroup/${tag}`)] : found;
  };

  /** Starts with the atoms of the best fit grouped in other ways, and again while that finds a better one. */
  const regrouped = (level: Level, found: readonly ScreenedStart[], purpose: string): ScreenedStart[] => {
    const random = request.random(purpose);
    const more: ScreenedStart[] = [];
    let best = lowestOf(found);
    for (let pass = 0; pass < REGROUP_PASSES && best && !request.cancelled?.(); pass++) {
      const starts = regroupedStarts(level.model, best.theta, coarse.data.columns, MOST_REGROUPED, random);
      more.push(...starts.map((theta) => approach(level, "regroup", theta)));
      const lowest = lowestOf(more);
      if (!lowest || !(lowest.sse < best.sse)) break;
      best = lowest;
    }
    return more;
  };

  const top = levelOf(atoms);
  const onAll = createObjective(top.model, full.blocks, kernels);
  const remembered = (objective: MixtureObjective, source: LoadedData) =>
    createSolver(rememberedProblem(mixtureProblem(objective, box, source), () => source.version));
  const solver = remembered(onAll, full);
  const residuals = new Float64Array(cells ? full.columns.y.length : 0);

  /** Makes compressed data exact at a fit; returns its S. */
  const centreOn = (theta: Float64Array, on: readonly [Screen, MixtureObjective][], all = onAll): number => {
    all.fitted(theta, residuals);
    subtractFrom(full, kernels.memory.f64, residuals);
    let sse = NaN;
    for (const [{ data: source, cells: own }, objective] of on) {
      if (!own) continue;
      const onCells = new Float64Array(source.columns.y.length);
      objective.fitted(theta, onCells);
      sse = centreCells(kernels, { data: source, cells: own }, residuals, onCells);
    }
    return sse;
  };
  const centreScreens = (k: number, theta: Float64Array): void => {
    const { objective, coarse: first } = levelOf(k);
    const screens: [Screen, MixtureObjective][] = [[fine, objective]];
    if (coarse !== fine) screens.push([coarse, first.objective]);
    const mark = kernels.memory.mark();
    centreOn(theta, screens, k === atoms ? onAll : createObjective(modelWith(k), full.blocks, kernels));
    kernels.memory.release(mark);
  };

  const finer = medium
    ? createFinerCells({
        kernels,
        screen: medium,
        solverOf: remembered,
        objective: createObjective(top.model, medium.data.blocks, kernels),
        centre: (objective, theta) => centreOn(theta, [[medium, objective]]),
        solve,
        screening: SCREENING,
      })
    : noFinerCells;

  const centre = (start: ScreenedStart | null): void => {
    if (!cells) return;
    const below = atoms - 1;
    const reference = start ?? (below > 0 ? parentsOf(below)[0] : undefined);
    if (!reference) return;
    centreScreens(start ? atoms : below, reference.theta);
    if (!start) solveParentsAgain(below);
  };

  return {
    screen: (policy, round, points) => screenLevel(atoms, policy, round, points),
    screenAround(theta, count, round) {
      const random = request.random(`around/${atoms}/${round}`);
      return Array.from({ length: count }, () => {
        const { start, drawn } = redrawnAtom(top.model, theta, data.columns, box, random);
        return approach(top, drawn ? "around" : "nearby", start);
      });
    },
    solvePoints(points) {
      const { x, y } = full.columns;
      const staged = createStagedSolver({ kernels, model: top.model, box, blocks: full.blocks, x, y });
      return (presolved(top.model, full, points) ?? points).map(({ policy, theta }) => ({
        ...run({ ...top, solver: staged }, policy, theta, true, request.solver ?? {}),
        given: true,
      }));
    },
    group: (starts, tolerance) => group(top, starts, tolerance),
    centre,
    recentre(theta) {
      if (!cells) return false;
      centreScreens(atoms, theta);
      for (const k of parents.keys()) solveParentsAgain(k);
      return true;
    },
    again: (start) => (start.exact ? start : run(top, start.policy, start.theta)),
    screeningError: cells ? SCREENING_ERROR : 0.05,
    ...finer,
    solver,
    auditBeats(policy, fit, options) {
      const noise = options.noiseVariance ?? 0;
      const starts = Array.from({ length: AUDIT_FACTOR }, (_, i) =>
        screenLevel(atoms, policy, FIRST_AUDIT + i),
      ).flat();
      const basins = group(top, starts, BASIN_TOLERANCE);
      const floor = basins[0]?.best.sse ?? Infinity;
      const target = fit.sse - BEATEN_BY * noise;
      for (const basin of basins.slice(0, MOST_AUDITED)) {
        if (basin.best.sse - floor > this.screeningError * noise) break;
        const from = finer.refine(basin.best.theta, fit.theta, noise);
        if (!from || from === fit.theta) continue;
        const settled = finer.settle(from, noise, { ...options, abandonAbove: target + CLEARLY * noise });
        if (settled && solver.solve(settled, { ...options, abandonAbove: target }).sse < target) return true;
      }
      return false;
    },
    iterations: () => iterations,
    evaluations: () => evaluations,
  };
}

function lowestOf(starts: readonly ScreenedStart[]): ScreenedStart | undefined {
  let best: ScreenedStart | undefined;
  for (const start of starts)
    if (Number.isFinite(start.sse) && !(best && best.sse <= start.sse)) best = start;
  return best;
}
