import {
  type FitResult,
  fitGlobal,
  thoroughPolicy,
  type StartPoint,
  type StartPolicy,
} from "@moe-rates/estimators";
import { stream } from "@moe-rates/math";
import {
  type ExpertSpec,
  type Families,
  type GatingSpec,
  type NamedAtom,
  type NamedGroup,
  type NamedShared,
  nestGroups,
  shippedFamilies,
} from "@moe-rates/mixture";
import { cachedModel, fittedAtoms, kernelsFor, type Surroundings } from "./design-models.ts";

/** One fit of given data: everything `moe-rates fit` can say. */
export interface FitDataRequest {
  /** Column-major n x d. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly inputDim: number;
  readonly gating: GatingSpec;
  readonly expert: ExpertSpec;
  /** Fitted atoms, with two levels in each group. */
  readonly atoms: number;
  readonly box: number;
  /** A start of the user's own. */
  readonly start?: { readonly atoms: readonly NamedAtom[]; readonly shared: NamedShared };
  /** Total number of starts; 1 with `start` is exactly that local fit. Absent: the thorough policy. */
  readonly starts?: number;
  readonly seed?: number;
  readonly cancelled?: () => boolean;
}

/** The fit with its atoms under the theory's names (gauge: mean gate zero). */
export interface DataFit {
  readonly result: FitResult;
  readonly atoms: NamedAtom[];
  /** What the atoms share; with two levels the gates of the groups. */
  readonly shared: NamedShared;
  /** With two levels the groups with their atoms, as study files write them. */
  readonly groups?: readonly NamedGroup[];
  /** Milliseconds of optimiser and certificate, after one untimed evaluation. */
  readonly wallMs: number;
}

/** A single data set is worth a screening on (nearly) all of it: steep atoms blur in cells. */
const SCREENING_CELLS = 6144;

/** Fits a mixture of experts to data by certified least squares. `now` is a clock in milliseconds, for `wallMs` only. */
export function fitToData(
  request: FitDataRequest,
  surroundings: Surroundings = {},
  now: () => number = () => 0,
): DataFit {
  const { x, y, inputDim, box, start } = request;
  const families: Families = surroundings.families ?? shippedFamilies;
  const atoms = fittedAtoms(request, families);
  const modelWith = (count: number) => cachedModel(families, request.gating, request.expert, inputDim, count);
  const model = modelWith(atoms);
  const points: StartPoint[] = start
    ? [{ policy: "given", theta: model.pack(start.atoms, start.shared) }]
    : [];
  const kernels = kernelsFor(y.length, model, surroundings.kernels, SCREENING_CELLS);
  model.regression(
    points[0]?.theta ?? new Float64Array(model.parameterCount),
    x,
    y.length,
    new Float64Array(y.length),
  );
  const started = now();
  const result = fitGlobal({
    kernels,
    x,
    y,
    inputDim,
    modelWith,
    atoms,
    box,
    screeningCells: SCREENING_CELLS,
    policy: policyFor(request.starts, points.length),
    points,
    ...(surroundings.presolve ? { presolve: surroundings.presolve } : {}),
    ...(surroundings.recompute ? { recompute: surroundings.recompute } : {}),
    random: (purpose) => stream(request.seed ?? 0, "fit", purpose),
    ...(request.cancelled ? { cancelled: request.cancelled } : {}),
  });
  const wallMs = now() - started;
  const named = { atoms: model.unpack(result.theta), shared: model.unpackShared(result.theta) };
  const groups = model.gating.groups ? { groups: nestGroups(model, named.atoms, named.shared) } : {};
  return { result, ...named, ...groups, wallMs };
}

/** Shares a number of starts out in the proportions of the thorough policy, the score field first. */
function policyFor(starts: number | undefined, given: number): StartPolicy {
  if (starts === undefined) return thoroughPolicy;
  const left = Math.max(0, starts - given);
  const { random, kMeans, split, add, around } = thoroughPolicy;
  const total = random + kMeans + split + add;
  const policy = {
    random: Math.floor((left * random) / total),
    kMeans: Math.floor((left * kMeans) / total),
    split: Math.floor((left * split) / total),
    add: 0,
    around: left > 0 ? Math.min(around, left) : 0,
  };
  return { ...policy, add: left - policy.random - policy.kMeans - policy.split };
}
