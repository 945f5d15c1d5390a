#!/usr/bin/env node
/** What a certified fit costs in 32 dimensions: processor seconds of the parts of a global fit with nine atoms (594 parameters) on data of the study
 *  sigmoid-against-softmax-relu, and how one local fit from near the truth goes on.
 *    node tools/trials/dimension-32.mjs [N] [STEPS] [relu|linear]      (1000 observations, 40 steps, relu) */
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream, symmetricEigen } from "../../packages/math/dist/index.js";
import { createModel, createObjective, loadData } from "../../packages/mixture/dist/index.js";
import { createSolver, globalFitDoubles, mixtureProblem } from "../../packages/estimators/dist/index.js";
import { publishedAtoms } from "../reproduce/published-truth.mjs";

const [n, steps] = [Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 40)];
const d = 32;
const expert = process.argv[4] === "linear" ? "linear" : { family: "ffn", activation: "relu" };
const request = { gating: "softmax", expert, inputDim: d };
const truth = createModel({ ...request, atoms: 8 });
const model = createModel({ ...request, atoms: 9 });
const atoms = publishedAtoms();
const random = stream("dimension 32", n);
const x = Float64Array.from({ length: n * d }, () => 2 * random.uniform() - 1);
const y = new Float64Array(n);
truth.regression(truth.pack(atoms), x, n, y);
for (let i = 0; i < n; i++) y[i] += 0.1 * random.normal();
const halved = { ...atoms[0], beta0: atoms[0].beta0 - Math.LN2 };
const start = model.pack([halved, ...atoms.slice(1), halved]).map((value) => value + 0.1 * random.normal());

const kernels = bestKernels(globalFitDoubles(n, model));
const blocks = loadData(kernels, { x, y, inputDim: d, normalised: false });
const problem = mixtureProblem(createObjective(model, blocks, kernels), 10);
const p = problem.dimension;
const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];

/** @param {() => unknown} work */
function seconds(work) {
  work();
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1e6;
}

/** @param {string} what @param {number} value */
const say = (what, value) => process.stdout.write(`${what.padEnd(70)} ${value.toPrecision(3)}\n`);
say("observations", n);
say("parameters", p);
say(
  "sum of squares, s",
  seconds(() => problem.value(start)),
);
say(
  "gradient and exact Hessian, s",
  seconds(() => problem.derivatives(start, gradient, norms, hessian, true)),
);
say(
  "eigenvalues of the Hessian (once per polished fit), s",
  seconds(() => symmetricEigen(hessian, p)),
);
const solver = createSolver(problem);
const before = process.cpuUsage();
const fit = solver.solve(start, { maxIterations: steps, noiseVariance: 0.01 });
const spent = process.cpuUsage(before).user / 1e6;
say(`a local fit, at most ${steps} steps, s`, spent);
process.stdout.write(
  `  ${fit.status} after ${fit.iterations} steps; cosine ${fit.cosine.toExponential(1)} (certificate: 1e-4), predicted reduction ${fit.predictedReduction.toPrecision(2)} noise variances (1e-3)\n` +
    `  sum of squares ${fit.sse.toPrecision(6)}, at the truth ${truthSse().toPrecision(6)}\n`,
);

function truthSse() {
  const f = new Float64Array(n);
  truth.regression(truth.pack(atoms), x, n, f);
  return y.reduce((sum, value, i) => sum + (value - f[i]) ** 2, 0);
}
