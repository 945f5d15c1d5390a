#!/usr/bin/env node
/** How often the search of the default policy is beaten: certified global fits (k = 3) of samples of the primary and of the second design,
 *  each audited with ten more rounds of starts. Prints one line per sample and the share in which the audit found a sum of squares lower
 *  by more than 0.01 noise variances. Needs built packages: node tools/trials/audit-search.mjs [n] [samples per design] */
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../../packages/estimators/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { designs, drawFrom, inputDim, modelsOf } from "./two-designs.mjs";

const n = Number(process.argv[2] ?? 4000);
const samples = Number(process.argv[3] ?? 12);

let audited = 0;
let beaten = 0;
let certified = 0;
for (const [name, design] of Object.entries(designs)) {
  const modelWith = modelsOf(design, 3);
  for (let sample = 0; sample < samples; sample++) {
    const key = ["audit-search", name, n, sample];
    const { x, y } = drawFrom(design, modelWith(2), n, key);
    const { certificate, certified: good } = fitGlobal({
      kernels: bestKernels(globalFitDoubles(n, modelWith(3))),
      x,
      y,
      inputDim,
      modelWith,
      atoms: 3,
      box: 10,
      policy: mixedPolicy,
      points: [],
      random: (purpose) => stream(...key, purpose),
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
