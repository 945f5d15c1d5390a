import type { GatingFamily, GatingScores } from "./gating.ts";
import { affineChannels, affineFields } from "./affine-gate.ts";
import { allPairs, upperPairs } from "./channel-pairs.ts";

/** Scores that are the channels themselves. */
export const softmaxScores: GatingScores = {
  value: ({ channels }, atom) => channels[atom],
  pull: ({ first, stride }, atom) => first + atom * stride,
  own: (atom) => [atom],
  first: () => null,
  second: () => null,
};

/** Softmax gating: p_j(x) = exp(beta1_j . x + beta0_j) / sum_l exp(beta1_l . x + beta0_l), equation (2) of arXiv 2503.03213.
 *  With r_j = p_j (h_j - f): df/ds_j = r_j, d2f/(ds_a ds_b) = delta_ab r_a - p_a r_b - p_b r_a, dp_j/ds_a = p_j (delta_ja - p_a). */
export const softmax: GatingFamily = {
  name: "softmax",
  description: "p_j(x) proportional to exp(beta1_j . x + beta0_j)",
  gauge: "translation",
  options: {},
  atomFields: affineFields,
  create(_inputDim, atoms) {
    return {
      family: "softmax",
      atoms,
      gauge: "translation",
      channels: affineChannels(atoms),
      secondPairs: upperPairs(atoms),
      weightPairs: allPairs(atoms),
      firstChannelFollows: true,
      scores: softmaxScores,
      mass: (intercept) => Math.exp(intercept),
      weights(kernels, { stride, channels, weights }, n) {
        if (atoms === 1) kernels.fill(weights, 1, n);
        else kernels.softmax(weights, channels[0], stride, atoms, n);
      },
      derivatives(kernels, { stride, weights, experts, regression, first, second, weightFirst }, n, order) {
        for (let j = 0; j < atoms; j++) {
          const at = j * stride;
          kernels.multiplyDifference(first + at, experts + at, regression, weights + at, n);
        }
        if (order < 2) return;
        let pair = 0;
        for (let a = 0; a < atoms; a++) {
          for (let b = a; b < atoms; b++, pair++) {
            const out = second[pair];
            if (out < 0) continue;
            const [left, right] = [first + a * stride, first + b * stride];
            const base = a === b ? left : -1;
            kernels.subtractProducts(out, base, weights + a * stride, right, weights + b * stride, left, n);
          }
        }
        let entry = 0;
        for (let a = 0; a < atoms; a++) {
          for (let j = 0; j < atoms; j++, entry++) {
            const out = weightFirst[entry];
            if (out < 0) continue;
            const p = weights + j * stride;
            kernels.subtractProduct(out, a === j ? p : -1, weights + a * stride, p, n);
          }
        }
      },
    };
  },
};
