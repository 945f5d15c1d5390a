// Whole local fits from near the truth: the fused solver, first steps on TensorFlow.js, and the fused solver from there. Core-seconds, and sums of
// squares in noise variances.
//
//   npm run build && node tools/tensorflow/engine-race.mjs d,k,starts,n,width LINEARISATIONS PRODUCTS FUSED_ITERATIONS [BACKEND]
//   node tools/tensorflow/engine-race.mjs 16,2,1,4000,32 120 200 25
import {
  batchData,
  batchObjective,
  openTensorflow,
  solveBatch,
} from "../../packages/engine-tfjs/dist/index.js";
import { createSolver, mixtureProblem, modelBox } from "../../packages/estimators/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import {
  basisColumns,
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
} from "../../packages/mixture/dist/index.js";

Object.assign(process.env, {
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
  TF_ENABLE_ONEDNN_OPTS: "0",
});
const [
  sizes = "16,2,1,4000,16",
  linearisations = "120",
  products = "200",
  most = "150",
  backend = "tfjs-native",
] = process.argv.slice(2);
const [inputDim, atoms, count, n, width] = sizes.split(",").map(Number);
const noise = 0.1;
const box = 10;
const { tf, name } = await openTensorflow([
  /** @type {import("../../packages/engine-tfjs/dist/index.js").TensorflowName} */ (backend),
]);
const expert = { family: "ffn", activation: "tanh", ...(width > 1 && { width, scale: true }) };
const model = createModel({ gating: "softmax", expert, inputDim, atoms });
const p = model.parameterCount;
const random = stream("race", sizes);
const truth = Float64Array.from({ length: p }, () => 0.7 * random.normal());
const x = Float64Array.from({ length: n * inputDim }, () => 6 * random.uniform() - 3);
const y = new Float64Array(n);
model.regression(truth, x, n, y);
for (let i = 0; i < n; i++) y[i] += noise * random.normal();
const starts = Float64Array.from({ length: count * p }, (_, i) => truth[i % p] + 0.1 * random.normal());

const kernels = bestKernels(
  dataDoubles(n, inputDim, false) + objectiveDoubles(model, basisColumns(inputDim, false)) + 1e5,
);
const fused = createObjective(model, loadData(kernels, { x, y, inputDim, normalised: false }), kernels);
const solver = createSolver(mixtureProblem(fused, box));
const rows = Math.max(256, Math.min(n, Math.floor(4e6 / (count * model.channels.length))));
const data = batchData(tf, [{ x, y }], { inputDim, normalised: false, rows });
const objective = batchObjective(tf, model, data);
const options = { iterations: Number(linearisations), products: Number(products), tolerance: 1e-7 };
solveBatch(tf, objective, starts, modelBox(model, box), { ...options, iterations: 1, products: 3 });

console.log(`${p} parameters, n = ${n}, ${count} start(s) at distance 0.1 sqrt(p) from the truth`);
const solveAll = (/** @type {Float64Array} */ from, gaussNewtonSteps = 8) =>
  Array.from({ length: count }, (_, s) =>
    solver.solve(from.slice(s * p, (s + 1) * p), {
      maxIterations: Number(most),
      gaussNewtonSteps,
      reductionTolerance: 2e-3,
      cosineTolerance: 1e-3,
    }),
  );
const first = timed(`${name} first steps`, () => {
  const { theta, values } = solveBatch(tf, objective, starts, modelBox(model, box), options);
  return { theta, lowest: Math.min(...values) };
});
timed("fused alone", () => ({ lowest: Math.min(...solveAll(starts).map(({ sse }) => sse)) }));
timed(`fused after ${name}`, () => ({ lowest: Math.min(...solveAll(first.theta, 0).map(({ sse }) => sse)) }));

/** @template {{ lowest: number }} R @param {string} label @param {() => R} run @returns {R} */
function timed(label, run) {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${label.padEnd(26)} ${((user + system) / 1e6).toFixed(1).padStart(7)} core-seconds, lowest ${(result.lowest / noise ** 2).toFixed(1)} noise variances`,
  );
  return result;
}
