#!/usr/bin/env node
/** How often the search of the default policy is beaten: certified global fits (k = 3) of samples of the primary and of the second design,
 *  each audited with ten more rounds of starts. Prints one line per sample and the share in which the audit found a sum of squares lower
 *  by more than 0.01 noise variances. Needs built packages: node tools/trials/audit-search.mjs [n] [samples per design] */
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../../packages/estimators/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";

const n = Number(process.argv[2] ?? 4000);
const samples = Number(process.argv[3] ?? 12);
const noiseSd = 0.1;
const inputDim = 2;
const designs = [
  {
    name: "primary",
    half: 3,
    expert: { family: "ffn", activation: "tanh", bias: false },
    atoms: [
      { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
      { beta1: [0, 0], beta0: 0, a: [-0.8, 1.6] },
    ],
  },
  {
    name: "second",
    half: 2,
    expert: { family: "ffn", activation: "tanh" },
    atoms: [
      { beta1: [1.5, -1], beta0: 0.4, a: [2, 1], b: 0.5 },
      { beta1: [0, 0], beta0: 0, a: [-1, 2], b: -0.5 },
    ],
  },
];

let audited = 0;
let beaten = 0;
let certified = 0;
for (const { name, half, expert, atoms } of designs) {
  const models = Array.from({ length: 3 }, (_, k) =>
    createModel({ gating: "softmax", expert, inputDim, atoms: k + 1 }),
  );
  const theta = models[1].pack(atoms);
  for (let sample = 0; sample < samples; sample++) {
    const random = stream("audit-search", name, n, sample);
    const x = Float64Array.from({ length: n * inputDim }, () => half * (2 * random.uniform() - 1));
    const y = new Float64Array(n);
    models[1].regression(theta, x, n, y);
    for (let i = 0; i < n; i++) y[i] += noiseSd * random.normal();
    const { certificate, certified: good } = fitGlobal({
      kernels: bestKernels(globalFitDoubles(n, models[2])),
      x,
      y,
      inputDim,
      modelWith: (k) => models[k - 1],
      atoms: 3,
      box: 10,
      policy: mixedPolicy,
      points: [],
      random: (purpose) => stream("audit-search", name, n, sample, purpose),
      audit: true,
    });
    audited++;
    if (certificate.beaten) beaten++;
    if (good) certified++;
    const { starts, reachedBest } = certificate;
    console.log(
      `${name} ${sample}: certified ${good}, ${reachedBest} of ${starts} starts, beaten ${certificate.beaten}`,
    );
  }
}
console.log(`n = ${n}: ${certified} of ${audited} certified, ${beaten} of ${audited} beaten`);
