import { stream } from "../../packages/math/dist/index.js";
import { createModel } from "../../packages/mixture/dist/index.js";

/** @typedef {import("../../packages/math/dist/index.js").Stream} Stream
 *  @typedef {import("../../packages/mixture/dist/index.js").MixtureModel} Model
 *  @typedef {{beta1: number[], beta0: number, a: number[], b?: number}} Atom
 *  @typedef {{half: number, expert: {family: string, activation: string, bias?: boolean}, atoms: Atom[]}} Design inputs are uniform on [-half, half]^2
 *  @typedef {(...key: (string | number)[]) => Stream} MakeStream */

export const inputDim = 2;
export const noiseSd = 0.1;

/** The two designs on which searches are measured: softmax gates, tanh experts, two inputs, two true atoms, noise sd 0.1. `primary`: experts
 *  without bias; `second`: with bias, a hard search when over-specified.
 *  @type {{readonly primary: Design, readonly second: Design}} */
export const designs = {
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

/** The model of a design with any number of atoms up to `most`, each made once.
 *  @param {Design} design @param {number} [most] @param {typeof createModel} [create] of another working copy
 *  @returns {(atoms: number) => Model} */
export function modelsOf({ expert }, most = 4, create = createModel) {
  const models = Array.from({ length: most }, (_, k) =>
    create({ gating: "softmax", expert, inputDim, atoms: k + 1 }),
  );
  return (atoms) => models[atoms - 1];
}

/** A sample of a design: x column-major n x 2. Depends on the key alone.
 *  @param {Design} design @param {Model} truth the design's model with two atoms @param {number} n @param {(string | number)[]} key
 *  @param {MakeStream} [make] of another working copy */
export function drawFrom({ half, atoms }, truth, n, key, make = stream) {
  const random = make(...key);
  const x = Float64Array.from({ length: n * inputDim }, () => half * (2 * random.uniform() - 1));
  const y = new Float64Array(n);
  truth.regression(truth.pack(atoms), x, n, y);
  for (let i = 0; i < n; i++) y[i] += noiseSd * random.normal();
  return { x, y };
}
