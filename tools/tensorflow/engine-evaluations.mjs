// Core-milliseconds of one evaluation, fused kernels against TensorFlow.js, for all starts of a batch: the table of docs/native-tensorflow.md.
//
//   npm run build && node tools/tensorflow/engine-evaluations.mjs [--backend tfjs-native] [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { stream } from "../../packages/math/dist/index.js";
import { coreMs, onBothEngines, openBackend, tanhMixture } from "./two-engines.mjs";

const { values } = parseArgs({
  options: { backend: { type: "string", default: "tfjs-native" }, json: { type: "string", default: "" } },
});
const { tf, name, version } = await openBackend(values.backend);
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
  const model = tanhMixture({ inputDim, atoms, width });
  const p = model.parameterCount;
  const random = stream("evaluations", p, starts, n);
  const numbers = (/** @type {number} */ count) =>
    Float64Array.from({ length: count }, () => random.normal());
  const set = { x: numbers(n * inputDim), y: numbers(n) };
  const thetas = Array.from({ length: starts }, () => numbers(p).map((value) => value / 2));
  const engines = onBothEngines(tf, model, [set], { each: starts, columns: p });
  const [fused, objective] = [engines.fused[0], engines.tensors];
  const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];
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
  engines.dispose();
  theta.dispose();
  const shown = Object.values(row).map((value) => (Number.isInteger(value) ? value : value.toPrecision(2)));
  console.log(`| ${shown.join(" | ")} |`);
  return row;
}
