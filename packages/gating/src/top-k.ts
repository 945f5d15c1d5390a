import type { GatingChannel, GatingFamily } from "./gating.ts";
import { affineFields } from "./affine-gate.ts";
import { normalisedGate } from "./normalised-gate.ts";

/** Score of an atom without a weight: its exponential, less any other score, is 0. */
const OUT = -1e300;

/** Top-K sparse softmax: p_j(x) = exp(s_j) / sum over T(x) of exp(s_l) for j in T(x), else 0, s_j = beta1_j . x + beta0_j; T(x) holds the K atoms with the
 *  largest beta1_j . x (`rank: slope`, appendix F of arXiv 2505.10860) or the largest s_j (`rank: score`), ties to the lowest index. The derivatives
 *  are those within the piece on which T(x) is constant; moving a border between pieces has none. */
export const topK: GatingFamily = {
  name: "top-k",
  description: "softmax over the k atoms that rank first at x",
  gauge: "translation",
  options: {
    k: {
      type: "integer",
      minimum: 1,
      maximum: 100,
      default: 2,
      description: "atoms with a weight at each x",
    },
    rank: {
      type: "string",
      allowed: ["slope", "score"],
      default: "slope",
      description: "what ranks: beta1 . x, or beta1 . x + beta0",
    },
  },
  mainOption: "k",
  atomFields: affineFields,
  create(_inputDim, atoms, options) {
    const active = Math.min(atoms, Number(options["k"] ?? 2));
    const bySlope = options["rank"] !== "score";
    const taken = new Uint8Array(atoms);
    return normalisedGate({
      family: "top-k",
      atoms,
      gauge: "translation",
      activeAtoms: active,
      ranked: Array.from({ length: atoms }, (_, j) => (bySlope ? [2 * j] : [2 * j, 2 * j + 1])),
      channels: Array.from({ length: atoms }, (_, atom): GatingChannel[] => [
        { atom, basis: "input", slope: "beta1", intercept: "" },
        { atom, basis: "one", slope: "", intercept: "beta0" },
      ]).flat(),
      mass: (intercept) => Math.exp(intercept),
      score: {
        inputs: (atom) => [2 * atom, 2 * atom + 1],
        secondPairs: [],
        evaluate(kernels, { channels, score, first }, n) {
          kernels.fill(first[0], 1, n);
          kernels.fill(first[1], 1, n);
          kernels.scale(score, channels[0], 1, n);
          kernels.multiplyAdd(score, channels[1], first[1], n);
        },
        mask({ memory: { f64 } }, { channels, stride }, scores, n) {
          if (active === atoms) return;
          for (let i = 0; i < n; i++) {
            taken.fill(0);
            for (let place = 0; place < active; place++) {
              let best = -1;
              let highest = -Infinity;
              for (let j = 0; j < atoms; j++) {
                if (taken[j] === 1) continue;
                const rank = f64[(bySlope ? channels[2 * j] : scores + j * stride) + i];
                if (best >= 0 && !(rank > highest)) continue;
                best = j;
                highest = rank;
              }
              taken[best] = 1;
            }
            for (let j = 0; j < atoms; j++) if (taken[j] === 0) f64[scores + j * stride + i] = OUT;
          }
        },
      },
    });
  },
};
