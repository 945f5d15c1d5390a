import { regressionL2, testPoints, voronoiLoss } from "@moe-rates/losses";
import { createModel } from "@moe-rates/mixture";

const expert = { family: "ffn", activation: "tanh", bias: false };
const truth = createModel({ gating: "softmax", expert, inputDim: 2, atoms: 2 });
const fit = createModel({ gating: "softmax", expert, inputDim: 2, atoms: 3 });

const truthTheta = truth.pack([
  { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
  { beta1: [0, 0], beta0: 0, a: [-0.8, 1.6] },
]);
// A fit with a spare atom, its gates translated by (5, 5): the first true atom is split in two halves 0.2 apart.
const fitTheta = fit.pack([
  { beta1: [6, 4.3], beta0: 1.4 - Math.LN2, a: [1.7, 0.8] },
  { beta1: [6, 4.3], beta0: 1.4 - Math.LN2, a: [1.5, 0.8] },
  { beta1: [5, 5], beta0: 1, a: [-0.8, 1.6] },
]);

export const loss = voronoiLoss("voronoi-d1", fit.measure(fitTheta), truth.measure(truthTheta));
// loss.cellSizes is [2, 1]; loss.shift.t1 is (-5, -5); loss.total is exp(0.4) 0.1^2: an over-specified cell counts squares.
// loss.components["over-expert-rms"] is 0.1, loss.components["over-expert-mean"] is 0.

const sample = testPoints({ law: "uniform", low: -3, high: 3, dim: 2 }, 4096);
export const distance = regressionL2(fit, fitTheta, truth, truthTheta, sample.points, sample.count);
