import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";

/** @typedef {import("../bench/scipy/run-minpack.mjs").Atom} Atom
 *  @typedef {{truth: Atom[], n: number, x: Float64Array, y: Float64Array}} DataSet x is column-major n x 2 */

export const noise = 0.1;
const expert = { family: "ffn", activation: "tanh" };

/** Model of k atoms with the families of every data set: softmax gates, tanh experts with bias, two inputs.
 *  @param {number} atoms */
export const modelWith = (atoms) => createModel({ gating: "softmax", expert, inputDim: 2, atoms });

/** Data set `index` of a seed: two true atoms drawn from `drawTruth`, X uniform on [-2, 2]^2, noise sd 0.1.
 *  @param {number} seed @param {number} index @param {number} n
 *  @returns {DataSet} */
export function drawDataSet(seed, index, n) {
  const key = /** @type {const} */ (["fit against minpack", seed, index]);
  const truth = drawTruth(stream(...key, "truth"));
  const inputs = stream(...key, "x");
  const errors = stream(...key, "noise");
  const x = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    x[i] = 4 * inputs.uniform() - 2;
    x[n + i] = 4 * inputs.uniform() - 2;
  }
  const y = new Float64Array(n);
  const model = modelWith(2);
  model.regression(model.pack(truth), x, n, y);
  for (let i = 0; i < n; i++) y[i] += noise * errors.normal();
  return { truth, n, x, y };
}

/** Two atoms like those of the second design of the over-specified studies, |beta1| = 1.80, |a| = 2.24, |b| = 0.5 there: gate slope and expert
 *  slopes of random direction and length U(1, 2.5) and U(1.5, 3), gate bias U(-0.6, 0.6), expert biases U(-1, 1). Redrawn until the experts are
 *  at least 1.5 apart, also after a change of sign, for tanh experts that are nearly equal or opposite leave the gate undetermined.
 *  @param {import("../../packages/math/dist/index.js").Stream} random
 *  @returns {Atom[]} */
function drawTruth(random) {
  for (;;) {
    const [gate, first, second] = [
      direction(random, 1, 2.5),
      direction(random, 1.5, 3),
      direction(random, 1.5, 3),
    ];
    const [beta0, b1, b2] = [0.6, 1, 1].map((bound) => bound * (2 * random.uniform() - 1));
    /** @param {number} sign */
    const distance = (sign) =>
      Math.hypot(first[0] - sign * second[0], first[1] - sign * second[1], b1 - sign * b2);
    if (Math.min(distance(1), distance(-1)) < 1.5) continue;
    return [
      { beta1: gate, beta0, a: first, b: b1 },
      { beta1: [0, 0], beta0: 0, a: second, b: b2 },
    ];
  }
}

/** @param {import("../../packages/math/dist/index.js").Stream} random @param {number} from @param {number} to */
function direction(random, from, to) {
  const angle = 2 * Math.PI * random.uniform();
  const length = from + (to - from) * random.uniform();
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

/** The data set as CSV, every number in full.
 *  @param {DataSet} set
 *  @returns {string} */
export function csvOf({ n, x, y }) {
  const lines = ["x1,x2,y"];
  for (let i = 0; i < n; i++) lines.push(`${x[i]},${x[n + i]},${y[i]}`);
  return `${lines.join("\n")}\n`;
}
