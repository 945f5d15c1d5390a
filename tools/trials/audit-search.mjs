#!/usr/bin/env node
/** How often the search of the default policy is beaten: global fits, each audited with ten more rounds of starts. Samples of the primary and of the
 *  second design with k = 3, or the first replicates of a shipped study at its default policy and largest k. Prints one line per sample and the share
 *  in which the audit found a sum of squares lower by more than 0.01 noise variances.
 *  Needs built packages: node tools/trials/audit-search.mjs [n] [samples per design] [study] */
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../../packages/estimators/dist/index.js";
import { bestKernels, compileSimdModule } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { createModel, shippedFamilies, totalAtoms } from "../../packages/mixture/dist/index.js";
import { designPointsOf, dimensionOf, drawReplicate } from "../../packages/study/dist/index.js";
import { globalDesigns } from "./tolerance-study.mjs";
import { designs, drawFrom, inputDim, modelsOf } from "./two-designs.mjs";

/** @typedef {Pick<import("../../packages/estimators/dist/index.js").GlobalFitRequest, "x" | "y" | "inputDim" | "modelWith" | "atoms" | "box" | "policy" | "random">} Search
 *  @typedef {{name: string, draw(sample: number): Search}} Source */

const n = Number(process.argv[2] ?? 4000);
const samples = Number(process.argv[3] ?? 12);
const study = process.argv[4];

/** @returns {Source[]} */
function twoDesigns() {
  return Object.entries(designs).map(([name, design]) => {
    const modelWith = modelsOf(design, 3);
    return {
      name,
      draw(sample) {
        const key = ["audit-search", name, n, sample];
        return {
          ...drawFrom(design, modelWith(2), n, key),
          inputDim,
          modelWith,
          atoms: 3,
          box: 10,
          policy: mixedPolicy,
          random: (purpose) => stream(...key, purpose),
        };
      },
    };
  });
}

/** @param {string} name @returns {Source} */
function shipped(name) {
  const { study: parsed, designs: found } = globalDesigns(name);
  const design = found.reduce((most, one) => (one.fit.atoms > most.fit.atoms ? one : most));
  const { gating, expert, atoms, box, starts } = design.fit;
  const dim = dimensionOf(parsed.truth.input);
  /** @type {Map<number, import("../../packages/mixture/dist/index.js").MixtureModel>} */
  const models = new Map();
  return {
    name,
    draw: (replicate) => ({
      ...drawReplicate({ study: parsed, design, designPoint: designPointsOf([design], [n])[0], replicate }),
      inputDim: dim,
      modelWith(k) {
        const known = models.get(k) ?? createModel({ gating, expert, inputDim: dim, atoms: k });
        models.set(k, known);
        return known;
      },
      atoms: totalAtoms(gating, atoms, shippedFamilies),
      box,
      policy: {
        random: starts.random ?? 0,
        kMeans: starts["k-means"] ?? 0,
        split: starts.split ?? 0,
        add: starts.add ?? 0,
        around: starts.around ?? 0,
      },
      random: (purpose) => stream("audit-search", name, n, replicate, purpose),
    }),
  };
}

const module = compileSimdModule();
let audited = 0;
let beaten = 0;
let beatenCertified = 0;
let certified = 0;
for (const { name, draw } of study ? [shipped(study)] : twoDesigns()) {
  for (let sample = 0; sample < samples; sample++) {
    const search = draw(sample);
    const { certificate, certified: good } = fitGlobal({
      ...search,
      kernels: bestKernels(globalFitDoubles(n, search.modelWith(search.atoms)), module),
      points: [],
      audit: true,
    });
    audited++;
    if (certificate.beaten) beaten++;
    if (certificate.beaten && good) beatenCertified++;
    if (good) certified++;
    const { starts, reachedBest } = certificate;
    console.log(
      `${name} ${sample}: certified ${good}, ${reachedBest} of ${starts} starts, beaten ${certificate.beaten}`,
    );
  }
}
console.log(
  `n = ${n}: ${certified} of ${audited} certified, ${beaten} of ${audited} beaten, ${beatenCertified} of them certified`,
);
