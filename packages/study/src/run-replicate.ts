import { type FitResult, fitGlobal } from "@moe-rates/estimators";
import { stream } from "@moe-rates/math";
import { type MixtureModel, shippedFamilies } from "@moe-rates/mixture";
import type { VoronoiLoss } from "@moe-rates/losses";
import {
  containsTruth,
  fittedAtoms,
  fitModels,
  inputDimOf,
  kernelsFor,
  type Surroundings,
  truthModel,
} from "./design-models.ts";
import { nearTruthStarts } from "./near-truth-starts.ts";
import { lossesOf, ownVoronoiLoss } from "./replicate-losses.ts";
import { fitStreamOf, replicateStream, sampleStreamOf, truthIdOf } from "./replicate-stream.ts";
import { drawSample, type Sample } from "./sample.ts";
import { trainReplicate } from "./run-trained.ts";
import type { Design, DesignPoint, ReplicateRow, ResolvedStudy, TrainingPlan } from "./types.ts";

/** One replicate of one design point. */
export interface ReplicateRequest {
  readonly study: ResolvedStudy;
  readonly design: Design;
  readonly designPoint: DesignPoint;
  readonly replicate: number;
  readonly cancelled?: () => boolean;
  /** Sees the whole fit before it becomes a row. */
  readonly observe?: (trace: FitTrace) => void;
}

/** What a fit went through: its certificate with the reasons against it, and every start with the basin it led to. */
export type FitTrace = FitResult;

/** Share of replicates, chosen by their key, on which the search is repeated with ten times as many starts. */
export const auditShare = 0.02;

/** Draws the sample of a replicate, fits it, certifies the fit and measures its losses. Depends on nothing but its arguments.
 *  Numerical trouble is a status in the row; a throw is a mistake in the request. Times are left at zero: the caller measures them. */
export function runReplicate(request: ReplicateRequest, surroundings: Surroundings = {}): ReplicateRow {
  const { study, design, designPoint, replicate } = request;
  const { families = shippedFamilies, covariates = null } = surroundings;
  const { fit } = design;
  const truth = truthModel(study, families);
  const modelWith = fitModels(study, fit, families);
  const atoms = fittedAtoms(fit, families);
  const model = modelWith(atoms);
  const truthId = truthIdOf(design);
  const sample = drawReplicate(request, surroundings);
  const fitKey = fitStreamOf(design, designPoint.n);
  const random = (purpose: string) => stream(...replicateStream(study, truthId, fitKey, replicate, purpose));
  const { "near-truth": near } = fit.starts;
  const trained = (plan: TrainingPlan) =>
    trainReplicate(request, surroundings, model, plan, (other) =>
      other === replicate ? sample : drawReplicate({ ...request, replicate: other }, surroundings),
    );
  const searched = () =>
    fitGlobal({
      kernels: kernelsFor(designPoint.n, model, surroundings.kernels),
      x: sample.x,
      y: sample.y,
      inputDim: inputDimOf(study),
      modelWith,
      atoms,
      box: fit.box,
      policy: {
        random: fit.starts.random ?? 0,
        kMeans: fit.starts["k-means"] ?? 0,
        split: fit.starts.split ?? 0,
        add: fit.starts.add ?? 0,
        around: fit.starts.around ?? 0,
      },
      points: near ? nearTruthStarts(model, truth, near.radius, near.count, random("near-truth")) : [],
      random,
      ...(surroundings.presolve ? { presolve: surroundings.presolve } : {}),
      ...(surroundings.recompute ? { recompute: surroundings.recompute } : {}),
      audit: random("audit").uniform() < auditShare,
      ...(request.cancelled ? { cancelled: request.cancelled } : {}),
    });
  const result = fit.estimator ? trained(fit.estimator) : searched();
  request.observe?.(result);
  if (result.status === "non-finite" || result.status === "cancelled")
    return failedReplicate(request, result);
  const measured = (theta: Float64Array) => ({
    study,
    fitSpec: fit,
    families,
    truth,
    fit: { model, theta },
    covariates,
    kernels: surroundings.kernels,
  });
  const found = measured(result.theta);
  const voronoi = ownVoronoiLoss(found);
  const certified =
    result.certified &&
    (!containsTruth(study, fit, families) || atLeastAsGoodAsTruth(study, result, sample)) &&
    (result.certificate.flatDirections > 0 ||
      stableLoss(voronoi, ownVoronoiLoss(measured(result.tightTheta))));
  return {
    ...describeFit(request, result),
    certified,
    sseTruth: sample.sseTruth,
    atoms: atomRows(model, result.theta, voronoi),
    theta: [...result.theta],
    losses: lossesOf(found, voronoi, study.losses),
  };
}

/** Losses of a stored fit, for losses that were added to a study later. */
export function recomputeLosses(
  request: {
    readonly study: ResolvedStudy;
    readonly design: Design;
    readonly theta: readonly number[];
    readonly losses: readonly string[];
  },
  { families = shippedFamilies, covariates = null, kernels }: Surroundings = {},
): ReplicateRow["losses"] {
  const { study, design, losses } = request;
  const model = fitModels(study, design.fit, families)(fittedAtoms(design.fit, families));
  const fit = { model, theta: Float64Array.from(request.theta) };
  const truth = truthModel(study, families);
  const found = { study, fitSpec: design.fit, families, truth, fit, covariates, kernels };
  return lossesOf(found, ownVoronoiLoss(found), losses);
}

/** The sample of a replicate. */
export function drawReplicate(request: ReplicateRequest, surroundings: Surroundings = {}): Sample {
  const { study, design, designPoint, replicate } = request;
  const { model, theta } = truthModel(study, surroundings.families ?? shippedFamilies);
  const streamId = sampleStreamOf(study, design, designPoint.n);
  const truthId = truthIdOf(design);
  return drawSample({
    n: designPoint.n,
    dim: inputDimOf(study),
    input: study.truth.input,
    noiseSd: study.truth.noise.sd,
    truth: model,
    theta,
    key: (purpose) => replicateStream(study, truthId, streamId, replicate, purpose),
    covariates: surroundings.covariates ?? null,
  });
}

/** The global minimum cannot lie above the truth when the truth is in the fitted set (up to 1e-6 noise variances of rounding). */
function atLeastAsGoodAsTruth(study: ResolvedStudy, { sse }: FitResult, { sseTruth }: Sample): boolean {
  return sse <= sseTruth + 1e-6 * study.truth.noise.sd ** 2;
}

function stableLoss(now: VoronoiLoss | null, tighter: VoronoiLoss | null): boolean {
  if (!now || !tighter) return true;
  return Math.abs(now.total - tighter.total) <= 0.01 * Math.max(now.total, tighter.total);
}

function describeFit({ designPoint, replicate }: ReplicateRequest, result: FitResult) {
  const { certificate } = result;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    designPoint: designPoint.id,
    replicate,
    status: result.status as string,
    certified: result.certified,
    local: result.local,
    sse: finite(result.sse),
    sseTruth: null,
    cosine: finite(certificate.cosine),
    predictedReduction: finite(certificate.predictedReduction),
    minEigenvalue: finite(certificate.minEigenvalue),
    flatDirections: certificate.flatDirections,
    activeBounds: certificate.activeBounds.join(","),
    starts: certificate.starts,
    optima: certificate.optima,
    reachedBest: certificate.reachedBest,
    iterations: result.iterations,
    evaluations: result.evaluations,
    tightenedChange: finite(certificate.tightenedChange),
    audited: certificate.audited,
    beaten: certificate.beaten,
    wallMs: 0,
    cpuMs: 0,
    failure: null,
  };
}

function failedReplicate(request: ReplicateRequest, result: FitResult): ReplicateRow {
  return {
    ...describeFit(request, result),
    certified: false,
    sse: null,
    atoms: [],
    theta: [],
    losses: [],
    failure: { kind: result.status, message: result.certificate.reasons.join("; ") },
  };
}

/** Atoms in the aligned gauge with their cells, each with the shared parameters, with two levels with its group and the gate of it; as fitted,
 *  without cells, where there is nothing to align with. */
function atomRows(
  model: MixtureModel,
  theta: Float64Array,
  voronoi: VoronoiLoss | null,
): ReplicateRow["atoms"] {
  const measure = voronoi?.aligned ?? model.measure(theta);
  const shared = Object.entries(model.unpackShared(theta));
  const groupRows = (measure.groups ?? []).flatMap(({ a, b, atoms }, group) =>
    atoms.map((): [string, number][] => [
      ["group", group],
      ...Array.from(a, (value, u): [string, number] => [`group.a[${u}]`, value]),
      ["group.b", b],
    ]),
  );
  return measure.atoms.flatMap((atom, index) => {
    const names = (part: "gate" | "expert") =>
      model.channels
        .filter((channel) => channel.part === part && channel.atom === index)
        .flatMap(({ names: own }) => own);
    const cell = voronoi ? voronoi.cells[index] : null;
    const row = (parameter: string, value: number) => ({ atom: index, cell, parameter, value });
    return [
      ...names("gate")
        .filter((name) => name !== "beta0")
        .map((name, u) => row(name, atom.beta1[u])),
      row("beta0", atom.beta0),
      ...shared.flatMap(([name, value]) => (typeof value === "number" ? [row(name, value)] : [])),
      ...(groupRows[index] ?? []).map(([parameter, value]) => row(parameter, value)),
      ...names("expert").map((name, s) => row(name, atom.eta[s])),
    ];
  });
}
