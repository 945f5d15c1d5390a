import { logistic } from "@moe-rates/math";
import type { Gating, GatingFamily } from "./gating.ts";
import { affineChannels, affineFields } from "./affine-gate.ts";
import { normalisedGate } from "./normalised-gate.ts";

/** Sigmoid gating p_j(x) = sigma(beta1_j . x + beta0_j), the gate of arXiv 2405.13997, or normalised to sum to one (arXiv 2505.10860). It has no gauge.
 *  With sigma' = sigma (1 - sigma): df/ds_j = sigma' h_j, d2f/ds_j^2 = sigma'' h_j, dp_j/ds_j = sigma'. Normalised it is the softmax of
 *  log sigma(c_j), with d log sigma / dc = sigma(-c) and d2 log sigma / dc2 = -sigma(c) sigma(-c). */
export const sigmoid: GatingFamily = {
  name: "sigmoid",
  description: "p_j(x) = 1 / (1 + exp(-(beta1_j . x + beta0_j))), not normalised unless asked",
  gauge: "none",
  options: {
    normalised: {
      type: "boolean",
      default: false,
      later: true,
      description: "divide by the sum of the weights",
    },
  },
  atomFields: affineFields,
  create(_inputDim, atoms, options) {
    if (options["normalised"] === true) return normalised(atoms);
    const own = Array.from({ length: atoms }, (_, j) => [j, j] as const);
    return {
      family: "sigmoid",
      atoms,
      gauge: "none",
      channels: affineChannels(atoms),
      secondPairs: own,
      weightPairs: own,
      mass: logistic,
      weights(kernels, { stride, channels, weights }, n) {
        for (let j = 0; j < atoms; j++)
          kernels.activation("logistic", channels[j], n, 0, weights + j * stride, -1, -1);
      },
      derivatives(kernels, { stride, channels, weights, experts, first, second, weightFirst }, n, order) {
        for (let j = 0; j < atoms; j++) {
          const p = weights + j * stride;
          const h = experts + j * stride;
          const slope = first + j * stride;
          if (order < 2) {
            kernels.activation("logistic", channels[j], n, 1, p, slope, -1);
          } else {
            kernels.activation("logistic", channels[j], n, 2, p, slope, second[j]);
            kernels.scale(weightFirst[j], slope, 1, n);
            kernels.multiply(second[j], second[j], h, n);
          }
          kernels.multiply(slope, slope, h, n);
        }
      },
    };
  },
};

function normalised(atoms: number): Gating {
  return normalisedGate({
    family: "sigmoid",
    atoms,
    gauge: "none",
    channels: affineChannels(atoms),
    mass: logistic,
    score: {
      inputs: (atom) => [atom],
      secondPairs: [[0, 0]],
      evaluate(kernels, { channels: [c], score, first: [first], second: [second] }, n, order) {
        const { f64 } = kernels.memory;
        for (let i = 0; i < n; i++) {
          const value = f64[c + i];
          f64[score + i] = Math.min(0, value) - Math.log1p(Math.exp(-Math.abs(value)));
        }
        if (order === 0) return;
        kernels.scale(first, c, -1, n);
        kernels.activation("logistic", first, n, order - 1, first, second, -1);
        if (order === 2) kernels.scale(second, second, -1, n);
      },
    },
  });
}
