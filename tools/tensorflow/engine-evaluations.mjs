// Core-milliseconds of one evaluation, fused kernels against TensorFlow.js, for all starts of a batch: the table of docs/native-tensorflow.md.
//
//   npm run build && node tools/tensorflow/engine-evaluations.mjs [--backend tfjs-native] [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { batchData, batchObjective, openTensorflow } from "../../packages/engine-tfjs/dist/index.js";
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
const { values } = parseArgs({
  options: { backend: { type: "string", default: "tfjs-native" }, json: { type: "string", default: "" } },
});
const { tf, name, version } = await openTensorflow([
  /** @type {import("../../packages/engine-tfjs/dist/index.js").TensorflowName} */ (values.backend),
]);
console.log(`${name} ${version} against fused-simd, core-milliseconds`);
console.log(
  "| d | k | width | parameters | starts | n | fused S | fused J'J | tfjs S | tfjs J'J | tfjs gradient | tfjs J'J v |",
);

/** d, k, width, starts, n */
const cases = [
  [2, 3, 1, 1, 1024],
  [2, 3, 1, 300, 1024],
  [4, 4, 1, 1, 100_000],
  [4, 4, 1, 100, 2048],
  [16, 2, 8, 1, 4096],
  [16, 2, 32, 1, 4096],
  [16, 2, 32, 1, 20_000],
  [16, 2, 32, 4, 4096],
];
const rows = cases.map(([d, k, width, starts, n]) => measured(d, k, width, starts, n));
if (values.json !== "")
  writeFileSync(values.json, `${JSON.stringify({ backend: name, version, rows }, null, 1)}\n`);

/** @param {number} inputDim @param {number} atoms @param {number} width @param {number} starts @param {number} n */
function measured(inputDim, atoms, width, starts, n) {
  const expert = { family: "ffn", activation: "tanh", ...(width > 1 && { width, scale: true }) };
  const model = createModel({ gating: "softmax", expert, inputDim, atoms });
  const p = model.parameterCount;
  const random = stream("evaluations", p, starts, n);
  const numbers = (/** @type {number} */ count) =>
    Float64Array.from({ length: count }, () => random.normal());
  const [x, y] = [numbers(n * inputDim), numbers(n)];
  const thetas = Array.from({ length: starts }, () => numbers(p).map((value) => value / 2));
  const kernels = bestKernels(
    dataDoubles(n, inputDim, false) + objectiveDoubles(model, basisColumns(inputDim, false)) + 1e5,
  );
  const fused = createObjective(model, loadData(kernels, { x, y, inputDim, normalised: false }), kernels);
  const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];
  const chunk = Math.max(256, Math.min(n, Math.floor(4e6 / (starts * p) / 256) * 256));
  const data = batchData(tf, [{ x, y }], { inputDim, normalised: false, rows: chunk });
  const objective = batchObjective(tf, model, data);
  const theta = tf.tensor3d(Float32Array.from(thetas.flatMap((one) => [...one])), [1, starts, p]);
  const linear = objective.linearise(theta);
  const row = {
    inputDim,
    atoms,
    width,
    parameters: p,
    starts,
    n,
    fusedValue: coreMs(() => thetas.forEach((one) => fused.value(one))),
    fusedNormal: coreMs(() =>
      thetas.forEach((one) => fused.derivatives(one, gradient, norms, hessian, false)),
    ),
    value: coreMs(() => objective.values(theta)),
    normal: coreMs(() => objective.normal(theta)),
    gradient: coreMs(() => objective.linearise(theta).dispose()),
    product: coreMs(() => tf.tidy(() => linear.product(theta).dataSync())),
  };
  linear.dispose();
  objective.dispose();
  data.dispose();
  theta.dispose();
  const shown = Object.values(row).map((value) => (Number.isInteger(value) ? value : value.toPrecision(2)));
  console.log(`| ${shown.join(" | ")} |`);
  return row;
}

/** Core-milliseconds of a call, over at least three calls after one that is not counted.
 *  @param {() => void} call */
function coreMs(call) {
  call();
  const started = performance.now();
  const before = process.cpuUsage();
  let calls = 0;
  while (calls < 3 || performance.now() - started < 1000) {
    call();
    calls++;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / calls;
}
