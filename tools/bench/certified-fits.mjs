#!/usr/bin/env node
/** Certified global over-specified fits (k = 3, default policy), one JSON line per data set: {n, set, sse, certified, cpuMs, noise, ...}. Data sets
 *  depend on design, n and their number only, so that two working copies can be compared:
 *    node tools/bench/certified-fits.mjs N [SETS] [--checkout DIR] [--first SET] [--design primary] [--audit]
 *  --audit screens ten times as many starts after every fit and says whether one of them ended lower by more than 0.01 noise variances.
 *  --checkout runs the built packages of another working copy (an older version) on the same data. Without SETS the numbers of data sets are read
 *  from standard input, one a line: so two versions can take turns. */
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { designs, drawFrom, inputDim, modelsOf, noiseSd } from "../trials/two-designs.mjs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    checkout: { type: "string", default: resolve(import.meta.dirname, "../..") },
    first: { type: "string", default: "0" },
    design: { type: "string", default: "second" },
    audit: { type: "boolean", default: false },
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

const design = values.design === "primary" ? designs.primary : designs.second;
const modelWith = modelsOf(design, 3, createModel);
const kernels = makeKernels(globalFitDoubles(n, modelWith(3)));
const keyOf = (/** @type {number} */ set) => ["certified-fits", values.design, n, set];

/* Two near-truth starts of radius 0.4, as studies of the first version had by default. */
/** @param {number} set */
function nearTruth(set) {
  const random = stream(...keyOf(set), "near-truth");
  const [first, second] = design.atoms;
  const theta = modelWith(3).pack([first, second, second]);
  return [0, 1].map(() => ({
    policy: "near-truth",
    theta: theta.map((/** @type {number} */ value) => value + 0.4 * random.normal()),
  }));
}

/** @param {number} set */
function fitSet(set) {
  const { x, y } = drawFrom(design, modelWith(2), n, keyOf(set), stream);
  kernels.memory.reset?.();
  const before = process.cpuUsage();
  const result = fitGlobal({
    kernels,
    x,
    y,
    inputDim,
    modelWith,
    atoms: 3,
    box: 10,
    policy,
    audit: values.audit,
    points: estimators.mixedPolicy ? [] : nearTruth(set),
    random: (/** @type {string} */ purpose) => stream(...keyOf(set), purpose),
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
      beaten: certificate.beaten,
      reasons: certificate.reasons,
    }),
  );
}

if (sets === undefined)
  for await (const line of createInterface({ input: process.stdin })) fitSet(Number(line));
else for (let set = Number(values.first); set < Number(values.first) + sets; set++) fitSet(set);
