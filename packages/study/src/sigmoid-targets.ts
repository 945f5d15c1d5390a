import {
  createSolver,
  fitGlobal,
  globalFitDoubles,
  mixtureProblem,
  type FitResult,
  type LeastSquaresProblem,
  type SolverResult,
} from "@moe-rates/estimators";
import { referenceKernels } from "@moe-rates/kernels";
import { targetLoss, type TestPoints, testPoints } from "@moe-rates/losses";
import { type Stream, stream } from "@moe-rates/math";
import {
  basisColumns,
  createObjective,
  dataDoubles,
  loadData,
  type MixingMeasure,
  type MixtureModel,
  objectiveDoubles,
} from "@moe-rates/mixture";
import { type AtomParts, atomParts } from "./atom-distance.ts";
import { canonicalJson } from "./canonical-json.ts";
import { comparableAtoms } from "./comparable-atoms.ts";
import { fitModels } from "./design-models.ts";
import { nearestFit } from "./nearest-fit.ts";
import type { LossRequest } from "./replicate-losses.ts";

/** Where the least-squares estimator with exactly k atoms of sigmoid gates tends to. */
export interface SigmoidTargets {
  /** Minimisers of the distance to f* over the box that were found, the best first, distinct as measures. */
  readonly measures: readonly MixingMeasure[];
  /** Root mean square of their regression function minus f*. */
  readonly distance: number;
  /** How many of them hold a parameter at the edge of the box. */
  readonly atBound: number;
  /** The minimiser nearest to theta that was found; null when there is a single one. */
  nearest(theta: Float64Array): MixingMeasure | null;
}

/** Points that stand for the law of x when targets are polished, unless the law is that of given rows; the search for them looks at the first of them. */
export const targetPointCount = 16_384;
const SEARCH_POINTS = 2048;
const SEARCH = { random: 20, kMeans: 2, split: 4, add: 12, around: 0 };
/** Minimisers are as good as the best within this share of its distance plus this share of the spread of f*, below which distances are not told apart. */
const SLACK = 1e-3;
const FLOOR = 1e-5;
/** Minimisers further apart than this, in D3 over 1 + the size of the parameters, are two. */
const APART = 1e-2;
const MOST_POLISHED = 16;
/** Radii of the moves from a fit at which paths to the nearest minimiser start. */
const MOVES = [0.5, 1, 1, 1, 2, 2];
const TIGHT = { maxIterations: 200, cosineTolerance: 1e-7, reductionTolerance: 1e-7, gaussNewtonSteps: 1 };

const known = new Map<string, SigmoidTargets>();

/**
 * The targets of regime 2 of sigmoid gating (arXiv 2405.13997): all minimisers, over the parameter vectors of exactly k atoms in the box, of
 * ||f_G - f_G*|| over the law of x; f_G* may be of any gating. The box is closed, so that its edge counts: a minimiser there (a spare atom of least mass, say) is flagged. Found by
 * `fitGlobal` on fixed low-discrepancy points, from starts of every policy and the truth with spare atoms of least mass; the best of its starts are polished
 * on more points. Computed once per design and thread; depends on the design alone.
 */
export function sigmoidTargets(request: LossRequest): SigmoidTargets {
  const { study, fitSpec, truth } = request;
  const { name: _, starts: __, ...fit } = fitSpec;
  const key = canonicalJson({ seed: study.seed, truth: study.truth, fit });
  let targets = known.get(key);
  if (targets === undefined) {
    const { input } = study.truth;
    const sample =
      input.law === "covariates"
        ? { points: request.covariates!.values, count: request.covariates!.rows }
        : testPoints(input, targetPointCount);
    const y = new Float64Array(sample.count);
    truth.model.regression(truth.theta, sample.points, sample.count, y);
    known.set(key, (targets = findTargets(request, key, sample, y)));
  }
  return targets;
}

function findTargets(request: LossRequest, key: string, sample: TestPoints, y: Float64Array): SigmoidTargets {
  const { study, fitSpec, families, truth, fit } = request;
  const { count } = sample;
  const { model } = fit;
  const { box } = fitSpec;
  const make = request.kernels ?? referenceKernels;
  const modelWith = fitModels(study, fitSpec, families);
  const spread = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0) / count);
  const floor = FLOOR * spread;
  const few = firstPoints(sample, model.inputDim, SEARCH_POINTS);
  const random = (purpose: string) => stream(study.seed, "sigmoid targets", key, purpose);
  const result = fitGlobal({
    kernels: make(globalFitDoubles(few.count, model, few.count)),
    x: few.points,
    y: Float64Array.from({ length: few.count }, (_, i) => y[i] + (i % 2 === 0 ? floor : -floor)),
    inputDim: model.inputDim,
    modelWith,
    atoms: fitSpec.atoms,
    box,
    screeningCells: few.count,
    policy: SEARCH,
    points: comparableAtoms(truth.model, model)
      ? [{ policy: "truth", theta: withEmptyAtoms(model, truth, box) }]
      : [],
    random,
  });
  const rms = (sse: number, points: number) => Math.sqrt(Math.max(0, sse / points - floor ** 2));
  const goodFits = (points: TestPoints, starts: readonly Float64Array[]) => {
    const unit = points.count * floor ** 2;
    const problem = noiseFreeProblem(make, model, points, y.subarray(0, points.count), box, unit);
    const solver = createSolver(problem);
    const ends = starts.map((theta) => solver.solve(theta, TIGHT)).sort((a, b) => a.sse - b.sse);
    const lowest = ends[0].sse;
    const most = (1 + SLACK) * rms(lowest, points.count) + floor;
    const limit = points.count * most ** 2 + unit;
    return { problem, lowest, limit, unit, parts, ends };
  };
  const parts = atomParts(model);
  const fine = goodFits(sample, [result.theta, ...startsNear(result)]);
  const found: SolverResult[] = [];
  for (const end of fine.ends) {
    const measure = model.measure(end.theta);
    if (end.sse <= fine.limit && found.every((other) => apart(measure, model.measure(other.theta))))
      found.push(end);
  }
  const measures = found.map(({ theta }) => model.measure(theta));
  const distance = rms(fine.lowest, count);
  const atBound = found.filter(({ theta }) => theta.some((value) => Math.abs(value) >= box)).length;
  if (measures.length === 1 && result.certificate.flatDirections === 0)
    return { measures, distance, atBound, nearest: () => null };
  const known = found.map(({ theta }) => theta);
  const coarse = goodFits(few, known);
  const moves = movesFrom(random("moves"), model.parameterCount);
  return {
    measures,
    distance,
    atBound,
    nearest(theta) {
      const moved = moves.map((move) => theta.map((value, i) => value + move[i]));
      const starts = [...known, ...parts.map((own) => withoutExpert(theta, own)), ...moved];
      const end = nearestFit({ coarse, fine }, theta, starts);
      return end && model.measure(end.theta);
    },
  };
}

/** The first points of a sample. */
function firstPoints({ points, count }: TestPoints, inputDim: number, most: number): TestPoints {
  const few = Math.min(count, most);
  const first = Float64Array.from(
    { length: few * inputDim },
    (_, at) => points[Math.floor(at / few) * count + (at % few)],
  );
  return { points: first, count: few };
}

/** Displacements of a parameter vector that paths to good fits start from, the same for every vector. */
function movesFrom(random: Stream, parameters: number): Float64Array[] {
  return MOVES.map((radius) => Float64Array.from({ length: parameters }, () => radius * random.normal()));
}

/** theta with the expert parameters of one atom at 0, where many experts vanish and leave their gate free. */
function withoutExpert(theta: Float64Array, own: AtomParts): Float64Array {
  const start = theta.slice();
  for (const place of own[own.length - 1]) start[place] = 0;
  return start;
}

/** The best starts of a search, as they were screened. */
function startsNear({ starts }: FitResult): Float64Array[] {
  return starts
    .toSorted((a, b) => a.screeningSse - b.screeningSse)
    .slice(0, MOST_POLISHED)
    .map(({ theta }) => theta);
}

/** The noise-free least-squares problem on some points, with buffers of its own; `offset` keeps its sums of squares from vanishing. */
function noiseFreeProblem(
  make: NonNullable<LossRequest["kernels"]>,
  model: MixtureModel,
  { points, count }: TestPoints,
  y: Float64Array,
  box: number,
  offset: number,
): LeastSquaresProblem {
  const { inputDim, normalised } = model;
  const doubles =
    dataDoubles(count, inputDim, normalised) +
    objectiveDoubles(model, basisColumns(inputDim, normalised)) +
    4096;
  const kernels = make(doubles);
  const data = loadData(kernels, { x: points, y, inputDim, normalised });
  return mixtureProblem(createObjective(model, data, kernels), box, { offset });
}

/** The truth, and beside it copies of its last atom with the least mass that the box allows. */
function withEmptyAtoms(model: MixtureModel, truth: LossRequest["truth"], box: number): Float64Array {
  const atoms = truth.model.unpack(truth.theta);
  const last = atoms[atoms.length - 1];
  const spare = Array.from({ length: Math.max(0, model.atoms - atoms.length) }, () => ({
    ...last,
    beta0: -box,
  }));
  return model.pack([...atoms, ...spare].slice(0, model.atoms));
}

function apart(a: MixingMeasure, b: MixingMeasure): boolean {
  const size = (measure: MixingMeasure): number =>
    Math.max(
      ...measure.atoms.flatMap(({ beta0, beta1, eta }) => [
        Math.abs(beta0),
        ...beta1.map(Math.abs),
        ...eta.map(Math.abs),
      ]),
    );
  return Math.max(targetLoss(a, [b]).total, targetLoss(b, [a]).total) > APART * (1 + size(b));
}
