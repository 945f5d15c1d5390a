#!/usr/bin/env node
/** Writes the two studies of sigmoid against softmax gates in 32 dimensions, whose true values are draws:
 *    node tools/reproduce/published-truth.mjs
 *  The laws are those of arXiv 2405.13997, appendix C (its figure 1 shows its own draws in a picture only): d = 32, k* = 8, beta1_i ~ N(0, 0.01 I / d) with the last one 0,
 *  beta0_i ~ N(0, 0.01 / d) for the first six and 0 for the others, (a_i, b_i) ~ N(0, I / d). */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stream } from "../../packages/math/dist/index.js";

const DIMENSION = 32;
const ATOMS = 8;
export const SEED = 20250405;

/** @typedef {{beta1: number[], beta0: number, a: number[], b: number}} Atom */

/** True atoms, drawn with a fixed key and rounded to six digits. @returns {Atom[]} */
export function publishedAtoms() {
  const random = stream("sigmoid against softmax", SEED, "truth");
  const draw = (/** @type {number} */ sd) => Number((sd * random.normal()).toPrecision(6));
  const vector = (/** @type {number} */ sd) => Array.from({ length: DIMENSION }, () => draw(sd));
  const [gate, expert] = [0.1 / Math.sqrt(DIMENSION), 1 / Math.sqrt(DIMENSION)];
  return Array.from({ length: ATOMS }, (_, i) => ({
    beta1: i === ATOMS - 1 ? Array.from({ length: DIMENSION }, () => 0) : vector(gate),
    beta0: i < 6 ? draw(gate) : 0,
    a: vector(expert),
    b: draw(expert),
  }));
}

/** Text of a study file. @param {"relu" | "linear"} expert */
export function publishedStudy(expert) {
  const family = expert === "relu" ? "{family: ffn, activation: relu}" : "linear";
  const atoms = publishedAtoms().map(
    ({ beta1, beta0, a, b }) =>
      `    - beta1: [${beta1.join(", ")}]\n      beta0: ${beta0}\n      a: [${a.join(", ")}]\n      b: ${b}\n`,
  );
  return `# Figure 1 of arXiv 2405.13997: one softmax truth in 32 dimensions, fitted with nine sigmoid and with nine softmax gates, ${expert} experts. True values are draws from
# the laws of its appendix C (node tools/reproduce/published-truth.mjs writes this file). Each gate is fitted twice on the same data: as the paper trains (stochastic
# gradients, ten epochs at rate 0.1, from near the truth) and by least squares, so that one sees what of a published slope is optimisation. Published slopes over
# n = 1e3 to 1e5: ${expert === "relu" ? "sigmoid -0.51, softmax -0.24" : "sigmoid -0.40, softmax -0.11"}.
name: sigmoid-against-softmax-${expert}
seed: ${SEED}
truth:
  gating: softmax
  expert: ${family}
  input: {law: uniform, low: -1, high: 1, dim: ${DIMENSION}}
  noise: {sd: 0.1}
  atoms:
${atoms.join("")}fit:
  - {name: sigmoid-sgd, gating: sigmoid, atoms: 9, estimator: {sgd: {epochs: 10, learningRate: 0.1, batch: 64}}, starts: {near-truth: {radius: 0.1, count: 1}}}
  - {name: softmax-sgd, atoms: 9, estimator: {sgd: {epochs: 10, learningRate: 0.1, batch: 64}}, starts: {near-truth: {radius: 0.1, count: 1}}}
  - {name: sigmoid-least-squares, gating: sigmoid, atoms: 9}
  - {name: softmax-least-squares, atoms: 9}
design:
  sampleSizes: [1000, 3000, 10000]
  replicates: 20
losses: [expert-l2, regression-l2]
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const expert of /** @type {const} */ (["relu", "linear"]))
    writeFileSync(
      fileURLToPath(
        new URL(`../../apps/orchestrator/studies/sigmoid-against-softmax-${expert}.yaml`, import.meta.url),
      ),
      publishedStudy(expert),
    );
