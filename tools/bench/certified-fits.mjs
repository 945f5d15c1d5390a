#!/usr/bin/env node
/** Certified global over-specified fits (second design, k = 3, default policy) per core-second, one JSON line per data set:
 *  {n, set, sse, certified, cpuMs, noise}. Data sets depend on n and their number only, so that two checkouts can be compared:
 *    node tools/bench/certified-fits.mjs N SETS [--checkout DIR] [--first SET] [--design primary]
 *  --checkout runs the built packages of another working copy (an older version) on the same data. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    checkout: { type: "string", default: resolve(import.meta.dirname, "../..") },
    first: { type: "string", default: "0" },
    design: { type: "string", default: "second" },
  },
});
const [n, sets] = positionals.map(Number);
/** @param {string} name */
const load = (name) => import(pathToFileURL(resolve(values.checkout, `packages/${name}/dist/index.js`)).href);
const estimators = await load("estimators");
const kernelsPackage = await load("kernels");
const { stream } = await load("math");
const { createModel } = await load("mixture");
const { globalFitDoubles, fitGlobal } = estimators;
const makeKernels = kernelsPackage.bestKernels ?? kernelsPackage.referenceKernels;
/* The first version had its mixed policy in the study package. */
const policy = estimators.mixedPolicy ?? { random: 4, kMeans: 2, split: 2, add: 8 };

const designs = {
  primary: {
    half: 3,
    expert: { family: "ffn", activation: "tanh", bias: false },
    atoms: [
      { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
      { beta1: [0, 0], beta0: 0, a: [-0.8, 1.6] },
    ],
  },
  second: {
    half: 2,
    expert: { family: "ffn", activation: "tanh" },
    atoms: [
      { beta1: [1.5, -1], beta0: 0.4, a: [2, 1], b: 0.5 },
      { beta1: [0, 0], beta0: 0, a: [-1, 2], b: -0.5 },
    ],
  },
};
const { half, expert, atoms } = values.design === "primary" ? designs.primary : designs.second;
const inputDim = 2;
const noiseSd = 0.1;
const models = [1, 2, 3].map((k) => createModel({ gating: "softmax", expert, inputDim, atoms: k }));
const truth = models[1].pack(atoms);
const kernels = makeKernels(globalFitDoubles(n, models[2]));

/** @param {number} set */
function drawSet(set) {
  const random = stream("certified-fits", values.design, n, set);
  const x = Float64Array.from({ length: n * inputDim }, () => half * (2 * random.uniform() - 1));
  const y = new Float64Array(n);
  models[1].regression(truth, x, n, y);
  for (let i = 0; i < n; i++) y[i] += noiseSd * random.normal();
  return { x, y };
}

/* Two near-truth starts of radius 0.4, as studies of the first version had by default. */
/** @param {number} set */
function nearTruth(set) {
  const random = stream("certified-fits", values.design, n, set, "near-truth");
  const theta = models[2].pack([atoms[0], atoms[1], atoms[1]]);
  return [0, 1].map(() => ({
    policy: "near-truth",
    theta: theta.map((/** @type {number} */ value) => value + 0.4 * random.normal()),
  }));
}

for (let set = Number(values.first); set < Number(values.first) + sets; set++) {
  const { x, y } = drawSet(set);
  kernels.memory.reset?.();
  const before = process.cpuUsage();
  const result = fitGlobal({
    kernels,
    x,
    y,
    inputDim,
    modelWith: (/** @type {number} */ k) => models[k - 1],
    atoms: 3,
    box: 10,
    policy,
    points: estimators.mixedPolicy ? [] : nearTruth(set),
    random: (/** @type {string} */ purpose) => stream("certified-fits", values.design, n, set, purpose),
  });
  const { user, system } = process.cpuUsage(before);
  const { sse, certified, certificate, evaluations } = result;
  console.log(
    JSON.stringify({
      n,
      set,
      sse,
      certified,
      cpuMs: (user + system) / 1000,
      noise: noiseSd ** 2,
      starts: certificate.starts,
      reachedBest: certificate.reachedBest,
      evaluations,
      reasons: certificate.reasons,
    }),
  );
}
