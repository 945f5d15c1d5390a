#!/usr/bin/env node
/** Does variable projection find best basins faster? On shipped over-specified designs with linear parameters (k = 3), the starts of the default policy are
 *  captured, and each is solved twice from the same point on the screening cells: over all parameters, and over the non-linear ones with the linear ones
 *  projected out. A start counts as a hit when it ends within 0.05 noise variances of the lowest sum of squares that any start of either solver
 *  reached; what a search buys is hits per core-second. The two solvers take turns. The inner problem is solved through a full evaluation; one that shares
 *  the forward pass would cost a fraction of that, so that the truth lies between the two ratios. Prints a Markdown table. Needs built packages:
 *    node tools/trials/variable-projection.mjs [sets, 8] [n, 4000] */
import {
  compressTo,
  createSolver,
  fitGlobal,
  globalFitDoubles,
  mixedPolicy,
  mixtureProblem,
} from "../../packages/estimators/dist/index.js";
import { bestKernels, compileSimdModule } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import {
  createModel,
  createObjective,
  loadData,
  shippedFamilies,
  totalAtoms,
} from "../../packages/mixture/dist/index.js";
import { designPointsOf, drawReplicate } from "../../packages/study/dist/index.js";
import { cpuSeconds, digits } from "../bench/statistics.mjs";
import { projectedProblem } from "./projected-problem.mjs";
import { globalDesigns } from "./tolerance-study.mjs";

const sets = Number(process.argv[2] ?? 8);
const n = Number(process.argv[3] ?? 4000);
const cells = 512;
/** What the search gives a start on the screening cells. */
const screening = {
  maxIterations: 150,
  gaussNewtonSteps: 0,
  initialNoise: 10,
  cosineTolerance: 1e-3,
  reductionTolerance: 2e-3,
};
const hitWithin = 0.05;
const studies = [
  { name: "softmax-linear", linear: /\.(a\[|b$)/ },
  { name: "theorem-2-softmax-scaled-tanh", linear: /\.lambda/ },
  { name: "wide-tanh", linear: /\.lambda/ },
  { name: "sigmoid-2-linear", linear: /\.(a\[|b$)/ },
];
const module = compileSimdModule();

console.log(
  "| study | parameters (linear) | data sets | starts | hits, all / projected | steps per start | evaluations per start | CPU ms per start | hits per core-second | ratio | ratio, inner problems free | sets with lower best, all / projected |",
);
console.log(`|${" --- |".repeat(12)}`);
for (const one of studies) compareOn(one);

/** @param {{name: string, linear: RegExp}} which */
function compareOn({ name, linear }) {
  const { study, designs } = globalDesigns(name);
  const design = designs.find(({ fit }) => fit.atoms === 3) ?? designs[0];
  const { gating, expert, box } = design.fit;
  const atoms = totalAtoms(gating, 3, shippedFamilies);
  const designPoint = designPointsOf([design], [n])[0];
  const results = Array.from({ length: sets }, (_, replicate) => {
    const { x, y } = drawReplicate({ study, design, designPoint, replicate });
    const inputDim = x.length / n;
    const modelWith = (/** @type {number} */ k) => createModel({ gating, expert, inputDim, atoms: k });
    const model = modelWith(atoms);
    const indices = model.parameterNames.flatMap((parameter, i) => (linear.test(parameter) ? [i] : []));
    const starts = capturedStarts({ x, y, inputDim, modelWith, atoms, box, key: [name, n, replicate] });
    return { ...solveBoth(model, x, y, starts, indices, box), p: model.parameterCount, m: indices.length };
  });
  const sum = (/** @type {(one: typeof results[0]) => number} */ of) =>
    results.reduce((total, one) => total + of(one), 0);
  const starts = sum(({ full }) => full.fits.length);
  const hits = (/** @type {"full" | "projected"} */ who) => sum((one) => one.hits[who]);
  const perStart = (
    /** @type {"full" | "projected"} */ who,
    /** @type {"iterations" | "evaluations"} */ what,
  ) => digits(sum((one) => one[who].fits.reduce((total, fit) => total + fit[what], 0)) / starts);
  const seconds = (/** @type {"full" | "projected"} */ who) => sum((one) => one[who].seconds);
  const ratio = (/** @type {number} */ projected) =>
    hits("projected") / projected / (hits("full") / seconds("full"));
  const rate = (/** @type {"full" | "projected"} */ who) => digits(hits(who) / seconds(who));
  const ms = (/** @type {"full" | "projected"} */ who) => digits((1e3 * seconds(who)) / starts);
  console.log(
    `| ${[
      name,
      `${results[0].p} (${results[0].m})`,
      sets,
      starts,
      `${hits("full")} / ${hits("projected")}`,
      `${perStart("full", "iterations")} / ${perStart("projected", "iterations")}`,
      `${perStart("full", "evaluations")} / ${perStart("projected", "evaluations")}`,
      `${ms("full")} / ${ms("projected")}`,
      `${rate("full")} / ${rate("projected")}`,
      digits(ratio(seconds("projected"))),
      digits(ratio(seconds("projected") - sum(({ projected }) => projected.inner))),
      `${results.filter(({ lower }) => lower < 0).length} / ${results.filter(({ lower }) => lower > 0).length}`,
    ].join(" | ")} |`,
  );
}

/** The starts of k atoms that the default policy places in its first rounds, before any step.
 *  @param {{x: Float64Array, y: Float64Array, inputDim: number, modelWith: (k: number) => import("../../packages/mixture/dist/index.js").MixtureModel, atoms: number, box: number, key: (string | number)[]}} request */
function capturedStarts({ x, y, inputDim, modelWith, atoms, box, key }) {
  /** @type {Float64Array[]} */
  const captured = [];
  fitGlobal({
    kernels: bestKernels(globalFitDoubles(n, modelWith(atoms)), module),
    x,
    y,
    inputDim,
    modelWith,
    atoms,
    box,
    policy: mixedPolicy,
    points: [],
    random: (purpose) => stream("variable projection", ...key, purpose),
    presolve: ({ model, starts }) => {
      if (model.atoms === atoms) captured.push(...starts.map((theta) => theta.slice()));
      return starts;
    },
  });
  return captured.slice(0, 120);
}

/** @param {import("../../packages/mixture/dist/index.js").MixtureModel} model @param {Float64Array} x @param {Float64Array} y @param {Float64Array[]} starts
 *  @param {number[]} linear @param {number} box */
function solveBoth(model, x, y, starts, linear, box) {
  const { inputDim, normalised } = model;
  const scale = Array.from({ length: inputDim }, () => 1);
  const [compressed] = compressTo(x, y, scale, [cells]).cells;
  const kernels = bestKernels(globalFitDoubles(4 * cells, model), module);
  const data = loadData(kernels, { ...compressed, inputDim, normalised });
  const full = mixtureProblem(createObjective(model, data, kernels), box, { offset: compressed.within });
  const projection = projectedProblem(full, linear, cpuSeconds);
  const allSolver = createSolver(full);
  const projectedSolver = createSolver(projection.problem);
  const betaOf = (/** @type {Float64Array} */ theta) => Float64Array.from(projection.outer, (i) => theta[i]);
  const contenders = {
    full: (/** @type {Float64Array} */ theta) => allSolver.solve(theta, screening),
    projected: (/** @type {Float64Array} */ theta) => projectedSolver.solve(betaOf(theta), screening),
  };
  for (const solve of Object.values(contenders)) for (const theta of starts.slice(0, 10)) solve(theta);
  const innerBefore = projection.spent();
  const results = {
    full: { seconds: 0, inner: 0, fits: /** @type {ReturnType<typeof contenders["full"]>[]} */ ([]) },
    projected: { seconds: 0, inner: 0, fits: /** @type {ReturnType<typeof contenders["full"]>[]} */ ([]) },
  };
  for (const theta of starts) {
    for (const who of /** @type {const} */ (["full", "projected"])) {
      const begun = cpuSeconds();
      results[who].fits.push(contenders[who](theta));
      results[who].seconds += cpuSeconds() - begun;
    }
  }
  results.projected.inner = projection.spent() - innerBefore;
  const best = {
    full: Math.min(...results.full.fits.map(({ sse }) => sse)),
    projected: Math.min(...results.projected.fits.map(({ sse }) => sse)),
  };
  const lowest = Math.min(best.full, best.projected);
  const noise = lowest / (full.observations - model.parameterCount);
  const hits = {
    full: results.full.fits.filter(({ sse }) => sse - lowest <= hitWithin * noise).length,
    projected: results.projected.fits.filter(({ sse }) => sse - lowest <= hitWithin * noise).length,
  };
  const difference = (best.projected - best.full) / noise;
  return { ...results, hits, lower: Math.abs(difference) <= hitWithin ? 0 : -Math.sign(difference) };
}
