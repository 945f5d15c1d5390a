/** What the stopping rule leaves on the table: fits of a shipped study, each solved further from its returned optimum with tighter tolerances, and by
 *  how much that changes its losses, relative to themselves. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createSolver, defaultSolverOptions, mixtureProblem } from "../../packages/estimators/dist/index.js";
import { bestKernels, compileSimdModule, kernelHash } from "../../packages/kernels/dist/index.js";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  shippedFamilies as families,
  totalAtoms,
} from "../../packages/mixture/dist/index.js";
import {
  designPointsOf,
  designsOf,
  dimensionOf,
  drawReplicate,
  parseStudy,
  recomputeLosses,
  runReplicate,
} from "../../packages/study/dist/index.js";

/** @typedef {import("../../packages/study/dist/index.js").Design} Design
 *  @typedef {import("../../packages/study/dist/index.js").ReplicateRow} ReplicateRow
 *  @typedef {import("../../packages/mixture/dist/index.js").MixtureModel} MixtureModel
 *  @typedef {{factor: number, sse: number, total: number, component: number, worst: string, iterations: number}} Further how far a solve with
 *    tolerances `factor` times tighter went: fall of S in noise variances, largest relative change of a loss (`total`) and of a part of one
 *    (`component`, named by `worst`)
 *  @typedef {{certified: boolean, flat: number, atBound: boolean, further: Further[]}} Refit */

const module = compileSimdModule();
const surroundings = { kernels: (/** @type {number} */ doubles) => bestKernels(doubles, module) };

/** A shipped study and its designs that search globally, without training.
 *  @param {string} name */
export function globalDesigns(name) {
  const fileName = `${name}.yaml`;
  const file = fileURLToPath(new URL(`../../apps/orchestrator/studies/${fileName}`, import.meta.url));
  const parsed = parseStudy(readFileSync(file, "utf8"), { fileName, families });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  const { study } = parsed;
  const designs = designsOf(study, { engine: "fused-simd", kernelHash: kernelHash("simd") });
  return {
    study,
    designs: designs.filter(({ fit }) => !fit.estimator && (fit.starts.add ?? 0) > 0),
  };
}

/** Fits one replicate and solves it on with each of the `factors`. Null when the fit failed.
 *  @param {ReturnType<typeof globalDesigns>["study"]} study @param {Design} design @param {number} n @param {number} replicate
 *  @param {readonly number[]} factors
 *  @returns {Refit | null} */
export function refitTighter(study, design, n, replicate, factors) {
  const request = { study, design, designPoint: designPointsOf([design], [n])[0], replicate };
  const row = runReplicate(request, surroundings);
  if (row.sse === null) return null;
  const { fit } = design;
  const model = createModel({
    gating: fit.gating,
    expert: fit.expert,
    inputDim: dimensionOf(study.truth.input),
    atoms: totalAtoms(fit.gating, fit.atoms, families),
  });
  const solver = solverOn(request, model, fit.box);
  const noise = row.sse / Math.max(1, n - model.parameterCount);
  const lossesAt = (/** @type {readonly number[]} */ theta) =>
    recomputeLosses({ study, design, theta, losses: study.losses }, surroundings);
  const before = lossesAt(row.theta);
  const further = factors.map((factor) => {
    const solved = solver.solve(Float64Array.from(row.theta), {
      ...defaultSolverOptions,
      gaussNewtonSteps: 0,
      initialNoise: 10,
      noiseVariance: noise,
      cosineTolerance: defaultSolverOptions.cosineTolerance / factor,
      reductionTolerance: defaultSolverOptions.reductionTolerance / factor,
    });
    const after = lossesAt([...solved.theta]);
    const changes = before.map(({ loss, component, value }, i) => ({
      name: `${loss}, ${component}`,
      total: component === "total",
      change: relativeChange(value, after[i].value),
    }));
    const worst = changes.reduce((most, one) => (one.change > most.change ? one : most));
    return {
      factor,
      sse: (Number(row.sse) - solved.sse) / noise,
      total: Math.max(0, ...changes.filter(({ total }) => total).map(({ change }) => change)),
      component: worst.change,
      worst: worst.name,
      iterations: solved.iterations,
    };
  });
  return {
    certified: row.certified,
    flat: row.flatDirections ?? 0,
    atBound: row.activeBounds !== "",
    further,
  };
}

/** A solver on all data of a replicate. @param {import("../../packages/study/dist/index.js").ReplicateRequest} request @param {MixtureModel} model @param {number} box */
function solverOn(request, model, box) {
  const { x, y } = drawReplicate(request, surroundings);
  const { inputDim, normalised } = model;
  const kernels = bestKernels(
    dataDoubles(y.length, inputDim, normalised) +
      objectiveDoubles(model, inputDim + 1 + (normalised ? inputDim : 0)) +
      64,
    module,
  );
  const data = loadData(kernels, { x, y, inputDim, normalised });
  return createSolver(mixtureProblem(createObjective(model, data, kernels), box));
}

/** |b - a| over the larger of the two; 0 where both are 0. @param {number} a @param {number} b */
function relativeChange(a, b) {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  return larger === 0 ? 0 : Math.abs(b - a) / larger;
}
