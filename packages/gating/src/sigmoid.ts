import { logistic } from "@moe-rates/math";
import type { GatingFamily } from "./gating.ts";
import { affineChannels, affineFields } from "./affine-gate.ts";

/** Sigmoid gating without normalisation: p_j(x) = sigma(beta1_j . x + beta0_j), the gate of arXiv 2405.13997. It has no gauge.
 *  With sigma' = sigma (1 - sigma): df/ds_j = sigma' h_j, d2f/ds_j^2 = sigma'' h_j, dp_j/ds_j = sigma'. */
export const sigmoid: GatingFamily = {
  name: "sigmoid",
  description: "p_j(x) = 1 / (1 + exp(-(beta1_j . x + beta0_j))), not normalised",
  gauge: "none",
  options: {},
  atomFields: affineFields,
  create(_inputDim, atoms) {
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
