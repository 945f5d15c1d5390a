#!/usr/bin/env node
/** CPU time of a certified global fit over n, number of inputs and number of atoms: softmax gates, tanh experts without bias, two true atoms,
 *  default policy, medians over a few data sets. Prints a Markdown table. Needs built packages: node tools/bench/cost-curve.mjs [sets] */
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../../packages/estimators/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";

const sets = Number(process.argv[2] ?? 3);
const cases = [
  ...[1000, 10_000, 100_000].map((n) => ({ n, d: 2, k: 3 })),
  ...[1, 4, 8].map((d) => ({ n: 10_000, d, k: 3 })),
  ...[2, 4].map((k) => ({ n: 10_000, d: 2, k })),
];
console.log("| n | d | k | parameters | certified | median CPU s |\n|---|---|---|---|---|---|");
for (const { n, d, k } of cases) {
  const model = (/** @type {number} */ atoms) =>
    createModel({
      gating: "softmax",
      expert: { family: "ffn", activation: "tanh", bias: false },
      inputDim: d,
      atoms,
    });
  const models = [1, 2, 3, 4].map(model);
  const first = Array.from({ length: d }, (_, u) => [1.6, 0.8, -0.5, 0.4][u % 4]);
  const second = Array.from({ length: d }, (_, u) => [-0.8, 1.6, 0.6, -0.3][u % 4]);
  const gate = Array.from({ length: d }, (_, u) => [1, -0.7, 0.3, 0.2][u % 4]);
  const truth = models[1].pack([
    { beta1: gate, beta0: 0.4, a: first },
    { beta1: gate.map(() => 0), beta0: 0, a: second },
  ]);
  const times = [];
  let certified = 0;
  for (let set = 0; set < sets; set++) {
    const random = stream("cost-curve", n, d, set);
    const x = Float64Array.from({ length: n * d }, () => 6 * random.uniform() - 3);
    const y = new Float64Array(n);
    models[1].regression(truth, x, n, y);
    for (let i = 0; i < n; i++) y[i] += 0.1 * random.normal();
    const before = process.cpuUsage();
    const fit = fitGlobal({
      kernels: bestKernels(globalFitDoubles(n, models[k - 1])),
      x,
      y,
      inputDim: d,
      modelWith: (atoms) => models[atoms - 1],
      atoms: k,
      box: 10,
      policy: mixedPolicy,
      points: [],
      random: (purpose) => stream("cost-curve", n, d, set, purpose),
    });
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
    if (fit.certified) certified++;
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  console.log(
    `| ${n} | ${d} | ${k} | ${models[k - 1].parameterCount} | ${certified} of ${sets} | ${median.toFixed(2)} |`,
  );
}
