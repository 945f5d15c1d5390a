import type { Kernels } from "@moe-rates/kernels";
import type { Stream } from "@moe-rates/math";
import type { MixtureModel } from "@moe-rates/mixture";
import { BASIN_TOLERANCE, type Basin } from "./basins.ts";
import { descendPieces } from "./piece-descent.ts";
import { negativeCurvature, polish, type Polished } from "./polish.ts";
import { recomputedApart, type Recompute } from "./recompute.ts";
import { createSearch, type Search } from "./search.ts";
import { CLEARLY } from "./finer-cells.ts";
import { loadScreens } from "./load-screens.ts";
import type { LoadedData } from "./screening-data.ts";
import type { Presolver, ScreenedStart, StartPoint, StartPolicy } from "./start-policy.ts";
import { defaultSolverOptions, type SolverOptions, type SolverResult } from "./trust-region.ts";

/** What a global fit needs: data, the family of models by number of atoms, the box and where to start. */
export interface GlobalFitRequest {
  readonly kernels: Kernels;
  /** Column-major n x d, and the n responses. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly inputDim: number;
  /** The model with the given number of atoms, 1 <= atoms <= k. */
  modelWith(atoms: number): MixtureModel;
  readonly atoms: number;
  readonly box: number;
  readonly policy: StartPolicy;
  /** Larger samples are screened as so many cells; default `screeningCells(inputDim)`. */
  readonly screeningCells?: number;
  /** Starts of the caller's own, fitted whatever the policy. */
  readonly points: readonly StartPoint[];
  /** One stream per purpose; the same purpose gives the same stream. */
  random(purpose: string): Stream;
  /** Screens ten times as many starts afterwards and reports whether one of them was better. */
  readonly audit?: boolean;
  readonly cancelled?: () => boolean;
  /** Takes the first steps of every batch of starts. */
  readonly presolve?: Presolver;
  /** Computes S and its gradient at the estimate a second time; a certificate needs both computations to agree. */
  readonly recompute?: Recompute;
  readonly solver?: Partial<SolverOptions>;
}

/** What is known about a fit. Lengths in `noise variances` are in units of S / (n - p). */
export interface Certificate {
  readonly cosine: number;
  readonly predictedReduction: number;
  readonly minEigenvalue: number;
  readonly flatDirections: number;
  readonly activeBounds: readonly string[];
  readonly starts: number;
  /** Distinct basins among the screened starts. */
  readonly optima: number;
  /** Independent starts that led to the best minimiser; see `reached`. */
  readonly reachedBest: number;
  /** Change of S, in noise variances, when the same start is polished with tenfold tighter tolerances. */
  readonly tightenedChange: number;
  readonly audited: boolean;
  /** Whether the audit found S lower by more than 0.01 noise variances; null when not audited. */
  readonly beaten: boolean | null;
  /** Why the fit is not certified; empty when it is. */
  readonly reasons: readonly string[];
}

/** `trained`: so many steps were made, and nothing says how far they led. */
export type FitStatus = "trained" | "converged" | "not-converged" | "cancelled" | "non-finite";

export interface StartReport {
  readonly policy: string;
  readonly screeningSse: number;
  readonly finalSse: number | null;
  readonly basin: number;
  /** Where screening took it. */
  readonly theta: Float64Array;
}

export interface FitResult {
  readonly status: FitStatus;
  readonly theta: Float64Array;
  /** The same minimiser under tenfold tighter tolerances. */
  readonly tightTheta: Float64Array;
  readonly sse: number;
  readonly certified: boolean;
  /** True when every start came from the caller (near the truth): the result is a local estimator. */
  readonly local: boolean;
  readonly certificate: Certificate;
  readonly iterations: number;
  readonly evaluations: number;
  readonly starts: readonly StartReport[];
}

const MOST_POLISHED = 40;
/** A basin that may be better than the best one is solved until it is known whether it is. */
const CONTENDER: Partial<SolverOptions> = { cosineTolerance: 1e-3, reductionTolerance: 3e-4 };
/** The search goes on, for a bounded number of rounds, until so many starts agree on the best basin; a certificate needs two. */
const ENOUGH_AGREEMENT = 4;
const MOST_ROUNDS = 4;
const STARTS_AROUND = 16;
/** With two levels the starts around the best fit are made again while they find a better one, so often at most. */
const MOST_AROUND = 4;
/** A contender that ends above the best by less than so many noise variances, but more than a basin's tolerance, may be on its way along a flat valley. */
const NEARLY = 0.1;

/** The global least-squares estimator over the box, with its certificate: screen many starts on compressed data, polish the promising
 *  basins on all of it, and keep searching until two independent starts agree on the best basin or the search is spent. */
export function fitGlobal(request: GlobalFitRequest): FitResult {
  const { kernels, atoms } = request;
  const model = request.modelWith(atoms);
  const mark = kernels.memory.mark();
  try {
    const data = loadScreens(request, model.normalised, isGlobal(request.policy));
    return finish(request, model, data.full, createSearch(request, data));
  } finally {
    kernels.memory.release(mark);
  }
}

/** Whether a policy has starts of its own; around the best fit alone it stays local. */
function isGlobal({ random, kMeans, split, add }: StartPolicy): boolean {
  return random + kMeans + split + add > 0;
}

function finish(request: GlobalFitRequest, model: MixtureModel, full: LoadedData, search: Search): FitResult {
  const { policy, points, atoms } = request;
  const global = isGlobal(policy);
  const { solver } = search;
  let starts = global ? [] : search.solvePoints(points);
  search.centre(lowest(starts));
  if (global) starts = search.screen(policy, 0, points);
  const noiseAt = (sse: number) =>
    Math.max(sse, 1e-300) / Math.max(1, full.blocks.weight - model.parameterCount);
  const options: Partial<SolverOptions> = {
    ...defaultSolverOptions,
    gaussNewtonSteps: 0,
    initialNoise: 10,
    ...request.solver,
    ...(request.cancelled ? { cancelled: request.cancelled } : {}),
  };
  const polished = new Map<ScreenedStart, SolverResult>();
  const refused = new Set<ScreenedStart>();
  let work = { iterations: 0, evaluations: 0 };
  const count = (done: SolverResult) => {
    work = {
      iterations: work.iterations + done.iterations,
      evaluations: work.evaluations + done.evaluations,
    };
  };
  const polishBest = (basins: readonly Basin[], before: BestFit | undefined): BestFit | undefined => {
    let best = before;
    for (const { best: start } of promising(basins, search, noiseAt, before === undefined)) {
      if (polished.has(start) || refused.has(start) || (best && polished.size >= MOST_POLISHED)) continue;
      const noise = noiseAt(best?.fit.sse ?? start.sse);
      let from: Float64Array | null = start.theta;
      if (best) {
        const { sse: toBeat } = best.fit;
        const hopeless = toBeat + CLEARLY * noise;
        if (!start.exact) from = search.refine(from, best.fit.theta, noise);
        if (from === best.fit.theta) {
          polished.set(start, best.fit);
          continue;
        }
        from = from && search.settle(from, noise, { ...options, ...CONTENDER, abandonAbove: hopeless });
        if (!from) {
          refused.add(start);
          continue;
        }
        const above = ({ sse }: SolverResult) => (sse - toBeat) / noise;
        const abandonAbove = toBeat + 0.5 * BASIN_TOLERANCE * noise;
        let end = solver.solve(from, { ...options, ...CONTENDER, noiseVariance: noise, abandonAbove });
        count(end);
        if (above(end) > BASIN_TOLERANCE && above(end) < NEARLY) {
          from = search.settle(end.theta, noise, options) ?? end.theta;
          end = solver.solve(from, { ...options, noiseVariance: noise });
          count(end);
        }
        polished.set(start, end);
        if (!(above(end) < -1e-3)) continue;
        from = end.theta;
      }
      from = search.settle(from, noise, options) ?? from;
      const fit = polish(solver, from, { ...options, noiseVariance: noise });
      polished.set(start, fit);
      count(fit);
      best = { fit };
      refused.clear();
    }
    return best;
  };

  let basins = search.group(starts, BASIN_TOLERANCE);
  let best = polishBest(basins, undefined);
  if (best && search.recentre(best.fit.theta)) {
    starts = basins.flatMap((basin) => {
      const again = search.again(basin.best);
      return basin.members.map(({ policy, given }) => ({ ...again, policy, given }));
    });
    basins = search.group(starts, BASIN_TOLERANCE);
    best = polishBest(basins, best);
  }
  const agreement = () => (best ? reached(best, basins, polished, noiseAt, global) : 0);
  const extend = (more: readonly ScreenedStart[]) => {
    starts.push(...more);
    basins = search.group(starts, BASIN_TOLERANCE);
    best = polishBest(basins, best);
  };
  const passes = model.gating.groups ? MOST_AROUND : 1;
  for (let pass = 0; global && best && policy.around > 0 && pass < passes; pass++) {
    const { sse } = best.fit;
    extend(search.screenAround(best.fit.theta, policy.around, -pass));
    if (!(sse - best.fit.sse > BASIN_TOLERANCE * noiseAt(sse))) break;
  }
  for (let round = 1; global && round <= MOST_ROUNDS && best && !request.cancelled?.(); round++) {
    if (agreement() >= ENOUGH_AGREEMENT) break;
    if (policy.around > 0) extend(search.screenAround(best.fit.theta, STARTS_AROUND, round));
    if (agreement() < ENOUGH_AGREEMENT) extend(search.screen(policy, round));
  }
  work = {
    iterations: work.iterations + search.iterations(),
    evaluations: work.evaluations + search.evaluations(),
  };
  if (!best) return failed(request, model, starts, work);

  if (model.gating.ranked && model.gating.activeAtoms !== atoms && global) {
    const lowered = descendPieces({
      model,
      data: full.columns,
      solver,
      from: best.fit,
      random: request.random(`pieces/${atoms}`),
      options: { ...options, ...CONTENDER, noiseVariance: noiseAt(best.fit.sse) },
    });
    best = { fit: polish(solver, lowered.theta, options) };
    count(lowered);
    count(best.fit);
  }
  const { fit } = best;
  const noise = noiseAt(fit.sse);
  const tight = polish(solver, fit.theta, {
    ...options,
    noiseVariance: noise,
    cosineTolerance: (options.cosineTolerance ?? 1e-6) / 10,
    reductionTolerance: (options.reductionTolerance ?? 1e-4) / 10,
  });
  const tightenedChange = Math.abs(fit.sse - tight.sse) / noise;
  const reachedBest = agreement();
  const audited = request.audit === true && global;
  const beaten = audited ? search.auditBeats(policy, fit, { ...options, noiseVariance: noise }) : null;
  const reasons: string[] = [];
  if (fit.status !== "converged" && fit.status !== "no-progress")
    reasons.push(`the optimiser stopped with ${fit.status}`);
  if (!(fit.cosine <= 1e-4)) reasons.push(`cosine ${fit.cosine.toExponential(1)} above 1e-4`);
  if (!(fit.predictedReduction <= 1e-3))
    reasons.push(
      `predicted reduction ${fit.predictedReduction.toExponential(1)} above 0.001 noise variances`,
    );
  if (fit.curvature.smallest < negativeCurvature)
    reasons.push(`negative curvature ${fit.curvature.smallest.toExponential(1)}`);
  if (!(tightenedChange <= 0.01))
    reasons.push(
      `tighter tolerances move the sum of squares by ${tightenedChange.toPrecision(2)} noise variances`,
    );
  if (starts.length < 2) reasons.push("a single start");
  if (!global) reasons.push("local estimator: every start was given by the caller");
  if ((model.gating.activeAtoms ?? atoms) < atoms)
    reasons.push("piecewise smooth: the pieces of other sets of active atoms are not ruled out");
  if (reachedBest < 2) reasons.push("fewer than two independent starts reached the best basin");
  const apart = recomputedApart(request.recompute, model, full.columns, solver.problem, fit.theta);
  if (apart) reasons.push(apart);
  const cancelled = fit.status === "cancelled" || request.cancelled?.() === true;
  return {
    status: cancelled
      ? "cancelled"
      : fit.status === "converged" || (fit.status === "no-progress" && fit.cosine <= 1e-4)
        ? "converged"
        : "not-converged",
    theta: fit.theta,
    tightTheta: tight.theta,
    sse: fit.sse,
    certified: reasons.length === 0 && !cancelled,
    local: !global,
    certificate: {
      cosine: fit.cosine,
      predictedReduction: fit.predictedReduction,
      minEigenvalue: fit.curvature.smallest,
      flatDirections: fit.curvature.flat,
      activeBounds: fit.curvature.active.map((i) => model.parameterNames[i]),
      starts: starts.length,
      optima: basins.length,
      reachedBest,
      tightenedChange,
      audited,
      beaten,
      reasons,
    },
    ...work,
    starts: startReports(starts, basins, polished),
  };
}

interface BestFit {
  readonly fit: Polished;
}

/** Basins that the screening data cannot rule out, in order of their sums of squares there; at first only the lowest ones. Sums of squares
 *  on compressed data are compared among themselves only. */
function promising(
  basins: readonly Basin[],
  search: Search,
  noiseAt: (sse: number) => number,
  first: boolean,
): Basin[] {
  const floors: Record<string, number> = {};
  return basins.filter(({ best: { sse, exact } }) => {
    const floor = (floors[String(exact)] ??= sse);
    return sse - floor <= (first ? 0 : search.screeningError * noiseAt(floor));
  });
}

function lowest(starts: readonly ScreenedStart[]): ScreenedStart | null {
  return starts.reduce<ScreenedStart | null>(
    (best, start) => (best && best.sse <= start.sse ? best : start),
    null,
  );
}

/** Independent starts that lead to the best minimiser: members of every basin whose polished sum of squares equals the best one's. In a
 *  global search a start that only moves the best fit (`nearby`), or its atoms between groups (`regroup`), does not count, and the caller's own starts count as one together. */
function reached(
  best: BestFit,
  basins: readonly Basin[],
  polished: ReadonlyMap<ScreenedStart, SolverResult>,
  noiseAt: (sse: number) => number,
  global: boolean,
): number {
  let own = 0;
  let given = 0;
  for (const basin of basins) {
    const fit = polished.get(basin.best);
    if (!fit || fit.sse - best.fit.sse > BASIN_TOLERANCE * noiseAt(best.fit.sse)) continue;
    for (const { policy, given: callers } of basin.members) {
      if (callers) given++;
      else if (policy !== "nearby" && policy !== "regroup") own++;
    }
  }
  return global ? own + Math.min(1, given) : given;
}

function startReports(
  starts: readonly ScreenedStart[],
  basins: readonly Basin[],
  polished: ReadonlyMap<ScreenedStart, SolverResult>,
): StartReport[] {
  return starts.map((start) => {
    const basin = basins.findIndex(({ members }) => members.includes(start));
    const fit = basin < 0 ? undefined : polished.get(basins[basin].best);
    return {
      policy: start.policy,
      screeningSse: start.sse,
      finalSse: fit?.sse ?? null,
      basin,
      theta: start.theta,
    };
  });
}

function failed(
  request: GlobalFitRequest,
  model: MixtureModel,
  starts: readonly ScreenedStart[],
  work: { iterations: number; evaluations: number },
): FitResult {
  const cancelled = request.cancelled?.() === true;
  return {
    status: cancelled ? "cancelled" : "non-finite",
    theta: new Float64Array(model.parameterCount).fill(NaN),
    tightTheta: new Float64Array(model.parameterCount).fill(NaN),
    sse: NaN,
    certified: false,
    local: false,
    certificate: {
      cosine: NaN,
      predictedReduction: NaN,
      minEigenvalue: NaN,
      flatDirections: 0,
      activeBounds: [],
      starts: starts.length,
      optima: 0,
      reachedBest: 0,
      tightenedChange: NaN,
      audited: false,
      beaten: null,
      reasons: [cancelled ? "cancelled" : "no start gave a finite sum of squares"],
    },
    ...work,
    starts: startReports(starts, [], new Map()),
  };
}
