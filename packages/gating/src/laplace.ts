import type { GatingFamily } from "./gating.ts";
import { normalisedGate } from "./normalised-gate.ts";
import { upperPairs } from "./channel-pairs.ts";

/** Laplace gating p_j(x) proportional to exp(-|W_j - x| + beta0_j) (FuseMoE, NeurIPS 2024), the distance smoothed: with v = W - x,
 *  rho = (|v|^2 + delta^2)^1/2, s = beta0 - rho: ds/dW = -v / rho, d2s/dW2 = -(I - v v' / rho^2) / rho. |v| itself has a kink at every x = W_j, where
 *  least squares in W has no derivative at the observations; rho differs from it by at most delta, the option `smoothing`, in the units of x.
 *  Unchanged when the same t0 is added to every beta0. */
export const laplace: GatingFamily = {
  name: "laplace",
  description: "p_j(x) proportional to exp(-|centre_j - x| + beta0_j)",
  gauge: "intercept",
  options: {
    smoothing: {
      type: "number",
      minimum: 1e-6,
      maximum: 10,
      default: 0.05,
      description: "delta of the smoothed distance (|v|^2 + delta^2)^1/2",
    },
  },
  atomFields: (inputDim) => [
    { name: "centre", length: inputDim },
    { name: "beta0", length: null },
  ],
  create(inputDim, atoms, options) {
    const delta = Number(options["smoothing"] ?? 0.05);
    const own = inputDim + 1;
    const pairs = upperPairs(inputDim);
    return normalisedGate({
      family: "laplace",
      atoms,
      gauge: "intercept",
      channels: Array.from({ length: atoms }, (_, atom) => [
        ...Array.from({ length: inputDim }, (_, u) => ({
          atom,
          basis: "one" as const,
          slope: "",
          intercept: `centre[${u}]`,
          input: u,
        })),
        { atom, basis: "one" as const, slope: "", intercept: "beta0" },
      ]).flat(),
      mass: (intercept) => Math.exp(intercept),
      score: {
        inputs: (atom) => Array.from({ length: own }, (_, a) => atom * own + a),
        secondPairs: pairs,
        evaluate({ memory: { f64 } }, { channels, basis, stride, score, first, second }, n, order) {
          for (let i = 0; i < n; i++) {
            let square = delta * delta;
            for (let u = 0; u < inputDim; u++) {
              const v = f64[channels[u] + i] - f64[basis + u * stride + i];
              square += v * v;
              f64[first[u] + i] = v;
            }
            const rho = Math.sqrt(square);
            const inverse = 1 / rho;
            f64[score + i] = f64[channels[inputDim] + i] - rho;
            if (order === 0) continue;
            for (let u = 0; u < inputDim; u++) f64[first[u] + i] *= -inverse;
            f64[first[inputDim] + i] = 1;
            if (order === 1) continue;
            for (let pair = 0; pair < pairs.length; pair++) {
              const [u, w] = pairs[pair];
              const along = f64[first[u] + i] * f64[first[w] + i];
              f64[second[pair] + i] = inverse * (along - (u === w ? 1 : 0));
            }
          }
        },
      },
    });
  },
};
