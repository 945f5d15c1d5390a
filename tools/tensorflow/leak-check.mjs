// Fits on TensorFlow.js, one after the other in one thread, and what is left after them: tensors, and resident memory.
//
//   npm run build && node --expose-gc tools/tensorflow/leak-check.mjs [--fits 10000] [--backend tfjs-native]
import { parseArgs } from "node:util";
import {
  batchData,
  batchObjective,
  solveBatch,
  tensorRecompute,
  tensorTrainer,
} from "../../packages/engine-tfjs/dist/index.js";
import { modelBox } from "../../packages/estimators/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";
import { openBackend } from "./two-engines.mjs";

const { values } = parseArgs({
  options: { fits: { type: "string", default: "10000" }, backend: { type: "string", default: "" } },
});
const fits = Number(values.fits);
const tensorflow = await openBackend(values.backend);
const { tf, name, version } = tensorflow;
const recompute = tensorRecompute(tensorflow);
const train = tensorTrainer(tensorflow);
const model = createModel({ gating: "softmax", expert: "ffn", inputDim: 2, atoms: 2 });
const n = 100;
const random = stream("leak check");
const numbers = (/** @type {number} */ count, scale = 1) =>
  Float64Array.from({ length: count }, () => scale * random.normal());
const plan = /** @type {const} */ ({ method: "adam", epochs: 1, learningRate: 0.01, batch: 50 });

console.log(
  `${name} (TensorFlow ${version}), ${fits} fits of ${model.parameterCount} parameters to ${n} rows`,
);
console.log("      fits  tensors  resident MB  heap MB");
const started = performance.now();
for (let fit = 0; fit <= fits; fit++) {
  if (fit % Math.max(1, Math.floor(fits / 10)) === 0) report(fit);
  const data = { x: numbers(2 * n), y: numbers(n, 0.5) };
  const starts = [numbers(model.parameterCount), numbers(model.parameterCount)];
  if (fit % 2 === 0) solve(data, starts);
  else train({ model, plan, data: [data], shuffles: [random], starts: [starts] });
}
console.log(`${((performance.now() - started) / fits).toFixed(2)} ms per fit`);

/** A fit in float32 from two starts at once, and the second computation at its first estimate.
 *  @param {{ x: Float64Array, y: Float64Array }} data @param {Float64Array[]} starts */
function solve(data, starts) {
  const batch = batchData(tf, [data], { inputDim: 2, normalised: false, rows: n });
  const objective = batchObjective(tf, model, batch);
  const both = Float64Array.from(starts.flatMap((start) => [...start]));
  const options = { iterations: 2, products: 4, tolerance: 1e-6 };
  const { theta } = solveBatch(tf, objective, both, modelBox(model, 10), options);
  objective.dispose();
  batch.dispose();
  recompute({ model, data, theta: theta.slice(0, model.parameterCount) });
}

/** @param {number} fit */
function report(fit) {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const mb = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(1);
  console.log(
    `${String(fit).padStart(10)}  ${String(tf.memory().numTensors).padStart(7)}  ${mb(rss).padStart(11)}  ${mb(heapUsed).padStart(7)}`,
  );
}
