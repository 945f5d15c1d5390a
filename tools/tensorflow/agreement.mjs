// Fits by the engine on TensorFlow.js against fits by the fused one: 100 data sets over all registered families, each with a truth of its own, of
// 400 and of 2,000 observations in turn. Prints every pair of sums of squares that differ by more than 0.01 noise variances or
// of which only one is certified, and the largest difference; also how far S at an estimate, computed by TensorFlow.js in float32, is off.
//
//   npm run build && node tools/tensorflow/agreement.mjs [--sets 100] [--from 0] [--backend tfjs-native]
import { parseArgs } from "node:util";
import { tensorPresolver, tensorRecompute } from "../../packages/engine-tfjs/dist/index.js";
import { experts } from "../../packages/experts/dist/index.js";
import { gatings } from "../../packages/gating/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";
import { fitToData } from "../../packages/study/dist/index.js";
import { openBackend } from "./two-engines.mjs";

const { values } = parseArgs({
  options: {
    sets: { type: "string", default: "100" },
    from: { type: "string", default: "0" },
    backend: { type: "string", default: "" },
  },
});
const noise = 0.1;
/** Not compressed while the search screens starts, and compressed. */
const sizes = [400, 2000];
const inputDim = 2;
/** Gates and experts in turn, so that every one meets several of the others. */
const gates = Object.values(gatings).flatMap(({ name, options }) => variants(name, options));
const heads = Object.values(experts).flatMap(({ name, options }) => variants(name, options));
const tensorflow = await openBackend(values.backend);
const presolve = tensorPresolver(tensorflow);
const secondly = tensorRecompute(tensorflow);
const kernels = bestKernels;
let worst = 0;
/** What S on tensors differs by at the estimate, in noise variances. @type {number[]} */
const apartAgain = [];
let apart = 0;
let both = 0;
const sets = Number(values.sets);
const first = Number(values.from);
for (let set = first; set < first + sets; set++) {
  const gating = gates[set % gates.length];
  const expert = heads[(set + Math.floor(set / gates.length)) % heads.length];
  const atoms = gating.family === "top-k" ? 3 : 2;
  const n = sizes[Math.floor(set / gates.length) % sizes.length];
  const request = {
    ...drawn(gating, expert, atoms, n, set),
    inputDim,
    gating,
    expert,
    atoms,
    box: 10,
    starts: 20,
    seed: set,
  };
  const fused = fitToData(request, { kernels }).result;
  /** @type {{ theta: Float64Array, sse: number }[]} */
  const again = [];
  const recompute = (/** @type {Parameters<typeof secondly>[0]} */ given) => {
    const found = secondly(given);
    if (found) again.push({ theta: given.theta.slice(), sse: found.sse });
    return found;
  };
  const tensors = fitToData(request, { kernels, presolve, recompute }).result;
  const difference = Math.abs(fused.sse - tensors.sse) / noise ** 2;
  worst = Math.max(worst, difference);
  const there = again.find(({ theta }) => theta.every((value, i) => value === tensors.theta[i]));
  if (there) {
    const apartThere = Math.abs(there.sse - tensors.sse) / noise ** 2;
    apartAgain.push(apartThere);
    if (apartThere > 0.01)
      console.log(
        `${set}  ${JSON.stringify(gating)} ${JSON.stringify(expert)}: S on tensors ${apartThere.toPrecision(2)} noise variances off, parameters up to ${Math.max(...tensors.theta.map(Math.abs)).toPrecision(2)}`,
      );
  }
  process.stderr.write(`\r${set + 1 - first} of ${sets}`);
  if (tensors.certified) both++;
  if (difference <= 0.01 && fused.certified === tensors.certified) continue;
  apart++;
  const certified = (/** @type {boolean} */ yes) => (yes ? "certified" : "not certified");
  console.log(
    `${set}  n = ${n}  ${JSON.stringify(gating)} ${JSON.stringify(expert)}: ${(fused.sse / noise ** 2).toFixed(3)} (${certified(fused.certified)}) fused, ${(tensors.sse / noise ** 2).toFixed(3)} (${certified(tensors.certified)}) ${tensorflow.name}`,
  );
}
console.log(
  `${sets - apart} of ${sets} data sets within 0.01 noise variances and certified by both engines or neither (${both} by both), ${gates.length} gates, ${heads.length} experts; largest difference ${worst.toPrecision(2)}, ${tensorflow.name}`,
);
apartAgain.sort((a, b) => a - b);
const median = apartAgain[Math.floor(apartAgain.length / 2)] ?? NaN;
console.log(
  `S at the estimate, float32 passes on tensors against float64: within 0.01 noise variances on ${apartAgain.filter((one) => one <= 0.01).length} of ${apartAgain.length} data sets, median ${median.toPrecision(2)}, largest ${apartAgain.at(-1)?.toPrecision(2)}`,
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
 *  @param {{ family: string }} gating @param {{ family: string }} expert @param {number} atoms @param {number} n @param {number} set */
function drawn(gating, expert, atoms, n, set) {
  const random = stream("agreement", set);
  const truth = createModel({ gating, expert, inputDim, atoms });
  const theta = Float64Array.from(truth.parameterNames, (name) =>
    name === "temperature" ? 0.5 + random.uniform() : 1.2 * random.normal(),
  );
  const x = Float64Array.from({ length: n * inputDim }, () => 4 * random.uniform() - 2);
  const y = new Float64Array(n);
  truth.regression(theta, x, n, y);
  for (let i = 0; i < n; i++) y[i] += noise * random.normal();
  return { x, y };
}
