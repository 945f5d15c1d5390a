// Core-milliseconds of one training step of the eight replicates that are trained together, on every backend.
//
//   npm run build && node tools/tensorflow/training-steps.mjs [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { tensorflowNames, tensorTrainer } from "../../packages/engine-tfjs/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { coreSeconds, openBackend, tanhMixture } from "./two-engines.mjs";

const together = 8;
/** Wall seconds of a case on a backend. */
const least = 1.5;
/** d, k, width, batch */
const cases = [
  [2, 2, 1, 64],
  [2, 2, 1, 512],
  [8, 2, 4, 64],
  [8, 2, 8, 64],
  [8, 2, 8, 512],
  [16, 2, 16, 64],
  [16, 2, 32, 64],
  [16, 2, 32, 512],
];

const { values } = parseArgs({ options: { json: { type: "string", default: "" } } });
console.log(`| d | k | width | parameters | batch | ${tensorflowNames.join(" | ")} |`);
const rows = [];
for (const [inputDim, atoms, width, batch] of cases) {
  const model = tanhMixture({ inputDim, atoms, width });
  const row = { inputDim, atoms, width, parameters: model.parameterCount, batch };
  /** @type {Record<string, number>} */
  const ms = {};
  for (const name of tensorflowNames) ms[name] = await stepMs(name, model, batch);
  rows.push({ ...row, ...ms });
  console.log(
    `| ${Object.values(row).join(" | ")} | ${Object.values(ms)
      .map((value) => value.toPrecision(2))
      .join(" | ")} |`,
  );
}
if (values.json !== "") writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);

/** @param {string} name @param {import("../../packages/mixture/dist/index.js").MixtureModel} model @param {number} batch */
async function stepMs(name, model, batch) {
  const train = tensorTrainer(await openBackend(name));
  const n = 4 * batch;
  const random = stream("training steps", model.parameterCount, batch);
  const numbers = (/** @type {number} */ count) =>
    Float64Array.from({ length: count }, () => 0.3 * random.normal());
  const all = Array.from({ length: together }, () => ({ x: numbers(n * model.inputDim), y: numbers(n) }));
  const request = {
    model,
    data: all,
    shuffles: all.map((_, r) => stream("training steps", r)),
    starts: all.map(() => [numbers(model.parameterCount)]),
  };
  const run = () =>
    train({
      ...request,
      plan: { method: /** @type {const} */ ("sgd"), epochs: 2, learningRate: 0.01, batch },
    });
  run();
  const started = performance.now();
  const before = coreSeconds();
  let steps = 0;
  while (steps === 0 || performance.now() - started < 1000 * least) {
    run();
    steps += 8;
  }
  return (1000 * (coreSeconds() - before)) / steps;
}
