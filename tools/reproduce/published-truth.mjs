#!/usr/bin/env node
/** Writes the studies of sigmoid against softmax gates, whose true values are draws:
 *    node tools/reproduce/published-truth.mjs
 *  The laws are those of arXiv 2405.13997, appendix C (its figure 1 shows its own draws in a picture only): beta1_i ~ N(0, 0.01 I / d) with the last one 0,
 *  beta0_i ~ N(0, 0.01 / d) for the first six and 0 for the others, (a_i, b_i) ~ N(0, I / d). Published are d = 32, k* = 8 and k = 9; the small design has d = 4, k* = 2 and k = 3. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stream } from "../../packages/math/dist/index.js";

export const SEED = 20250405;

/** @typedef {{beta1: number[], beta0: number, a: number[], b: number}} Atom
 *  @typedef {{dimension: number, atoms: number}} Size */

/** Sizes of the published figure. @type {Size} */
export const published = { dimension: 32, atoms: 8 };
/** A size at which certified fits are possible. @type {Size} */
export const small = { dimension: 4, atoms: 2 };

/** True atoms, drawn with a fixed key and rounded to six digits. @param {Size} size @returns {Atom[]} */
export function publishedAtoms({ dimension, atoms } = published) {
  const random = stream("sigmoid against softmax", SEED, dimension, atoms, "truth");
  const draw = (/** @type {number} */ sd) => Number((sd * random.normal()).toPrecision(6));
  const vector = (/** @type {number} */ sd) => Array.from({ length: dimension }, () => draw(sd));
  const [gate, expert] = [0.1 / Math.sqrt(dimension), 1 / Math.sqrt(dimension)];
  return Array.from({ length: atoms }, (_, i) => ({
    beta1: i === atoms - 1 ? Array.from({ length: dimension }, () => 0) : vector(gate),
    beta0: i < Math.min(6, atoms - 1) ? draw(gate) : 0,
    a: vector(expert),
    b: draw(expert),
  }));
}

const SGD =
  "estimator: {sgd: {epochs: 10, learningRate: 0.1, batch: 64}}, starts: {near-truth: {radius: 0.1, count: 1}}";
const LOCAL = "starts: {near-truth: {radius: 0.1, count: 1}}";

/** Text of a study file. @param {"relu" | "linear"} expert @param {Size} [size] */
export function publishedStudy(expert, size = published) {
  const full = size === published;
  const k = size.atoms + 1;
  const family = expert === "relu" ? "{family: ffn, activation: relu}" : "linear";
  const atoms = publishedAtoms(size).map(
    ({ beta1, beta0, a, b }) =>
      `    - beta1: [${beta1.join(", ")}]\n      beta0: ${beta0}\n      a: [${a.join(", ")}]\n      b: ${b}\n`,
  );
  const solved = full ? `, ${LOCAL}` : "";
  const word = full ? "local" : "global";
  return `# Figure 1 of arXiv 2405.13997${full ? "" : " made small, so that fits can be certified"}: one softmax truth in ${size.dimension} dimensions with ${size.atoms} ${expert} experts, fitted with ${k} sigmoid and with ${k} softmax gates.
# True values are draws from the laws of its appendix C (node tools/reproduce/published-truth.mjs writes this file). Each gate is fitted on the same data as
# the paper trains (stochastic gradients, ten epochs at rate 0.1, from near the truth) and by ${full ? "least squares from the same start, uncertified: see docs/sigmoid-against-softmax.md for what a\n# certificate would cost" : "certified least squares"}. Published slopes over n = 1e3 to 1e5 in 32 dimensions: ${expert === "relu" ? "sigmoid -0.51, softmax -0.24" : "sigmoid -0.40, softmax -0.11"}.
name: sigmoid-against-softmax-${full ? expert : "small"}
seed: ${SEED}
truth:
  gating: softmax
  expert: ${family}
  input: {law: uniform, low: -1, high: 1, dim: ${size.dimension}}
  noise: {sd: 0.1}
  atoms:
${atoms.join("")}fit:
  - {name: sigmoid-sgd, gating: sigmoid, atoms: ${k}, ${SGD}}
  - {name: softmax-sgd, atoms: ${k}, ${SGD}}
  - {name: sigmoid-${word}, gating: sigmoid, atoms: ${k}${solved}}
  - {name: softmax-${word}, atoms: ${k}${solved}}
design:
  sampleSizes: [1000, 3000, 10000, 30000${full ? ", 100000" : ""}]
  replicates: 20
losses: [expert-l2, regression-l2]
`;
}

/** The studies this file writes, by name. @returns {Record<string, string>} */
export function publishedStudies() {
  return {
    "sigmoid-against-softmax-relu": publishedStudy("relu"),
    "sigmoid-against-softmax-linear": publishedStudy("linear"),
    "sigmoid-against-softmax-small": publishedStudy("linear", small),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, text] of Object.entries(publishedStudies()))
    writeFileSync(
      fileURLToPath(new URL(`../../apps/orchestrator/studies/${name}.yaml`, import.meta.url)),
      text,
    );
