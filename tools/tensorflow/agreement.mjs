// Certified fits with their first steps on TensorFlow.js against the fused engine alone: 100 data sets over all registered families, each
// with a truth of its own. Prints every pair of sums of squares that differ by more than 0.01 noise variances, and the largest difference.
//
//   npm run build && node tools/tensorflow/agreement.mjs [--sets 100] [--backend tfjs-native]
import { parseArgs } from "node:util";
import { openTensorflow, tensorPresolver } from "../../packages/engine-tfjs/dist/index.js";
import { experts } from "../../packages/experts/dist/index.js";
import { gatings } from "../../packages/gating/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";
import { fitToData } from "../../packages/study/dist/index.js";

const { values } = parseArgs({
  options: { sets: { type: "string", default: "100" }, backend: { type: "string", default: "" } },
});
const noise = 0.1;
const n = 400;
const inputDim = 2;
/** Gates and experts in turn, so that every one meets several of the others. */
const gates = Object.values(gatings).flatMap(({ name, options }) => variants(name, options));
const heads = Object.values(experts).flatMap(({ name, options }) => variants(name, options));
const tensorflow = await openTensorflow(
  /** @type {import("../../packages/engine-tfjs/dist/index.js").TensorflowName[]} */ (
    values.backend ? [values.backend] : undefined
  ),
);
const presolve = tensorPresolver(tensorflow);
const kernels = bestKernels;
let worst = 0;
let apart = 0;
const sets = Number(values.sets);
for (let set = 0; set < sets; set++) {
  const gating = gates[set % gates.length];
  const expert = heads[(set + Math.floor(set / gates.length)) % heads.length];
  const request = {
    ...drawn(gating, expert, set),
    inputDim,
    gating,
    expert,
    atoms: 2,
    box: 10,
    starts: 80,
    seed: set,
  };
  const fused = fitToData(request, { kernels }).result;
  const first = fitToData(request, { kernels, presolve }).result;
  const difference = Math.abs(fused.sse - first.sse) / noise ** 2;
  worst = Math.max(worst, difference);
  if (difference <= 0.01) continue;
  apart++;
  const certified = (/** @type {boolean} */ yes) => (yes ? "certified" : "not certified");
  console.log(
    `${set}  ${JSON.stringify(gating)} ${JSON.stringify(expert)}: ${(fused.sse / noise ** 2).toFixed(3)} (${certified(fused.certified)}) fused, ${(first.sse / noise ** 2).toFixed(3)} (${certified(first.certified)}) ${tensorflow.name}`,
  );
}
console.log(
  `${sets - apart} of ${sets} data sets within 0.01 noise variances, ${gates.length} gates, ${heads.length} experts; largest difference ${worst.toPrecision(2)}, ${tensorflow.name}`,
);
process.exitCode = apart > 0 ? 1 : 0;

/** A family with its first option away from the default in turn.
 *  @param {string} name @param {Readonly<Record<string, any>>} options */
function variants(name, options) {
  /** @type {({ family: string } & Record<string, unknown>)[]} */
  const found = [{ family: name }];
  for (const [option, { type, allowed, default: usual, minimum = 1 }] of Object.entries(options)) {
    const others =
      type === "boolean"
        ? [!usual]
        : allowed
          ? allowed.filter((/** @type {unknown} */ one) => one !== usual)
          : type === "integer"
            ? [Math.max(3, minimum)]
            : [];
    for (const value of others) found.push({ family: name, [option]: value });
  }
  return found;
}

/** Data of a random truth.
 *  @param {{ family: string }} gating @param {{ family: string }} expert @param {number} set */
function drawn(gating, expert, set) {
  const random = stream("agreement", set);
  const truth = createModel({ gating, expert, inputDim, atoms: 2 });
  const theta = Float64Array.from(truth.parameterNames, (name) =>
    name === "temperature" ? 0.5 + random.uniform() : 1.2 * random.normal(),
  );
  const x = Float64Array.from({ length: n * inputDim }, () => 4 * random.uniform() - 2);
  const y = new Float64Array(n);
  truth.regression(theta, x, n, y);
  for (let i = 0; i < n; i++) y[i] += noise * random.normal();
  return { x, y };
}
