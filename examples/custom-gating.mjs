// A gating family of your own: sigmoid gates that are normalised to sum to one.
//
//   npx moe-rates validate study.yaml --plugin examples/custom-gating.mjs      with `gating: normalised-sigmoid` in the study
//
// A gating is a function of channels, like an expert: here one affine score c_j = beta1_j . x + beta0_j per atom. It gives the
// weights p_j and the derivatives of f = sum_j p_j h_j in the channels.

/** Normalised sigmoid gating p_j = sigma(c_j) / sum_l sigma(c_l), the softmax of log sigma(c_j), so that it stays finite when all
 *  scores are very negative. With q_a = p_a (1 - sigma(c_a)):
 *  dp_j/dc_a = q_a (delta_ja - p_j), df/dc_a = q_a (h_a - f),
 *  d2f/(dc_a dc_b) = delta_ab q_a (1 - 2 sigma(c_a)) (h_a - f) - q_a q_b ((h_a - f) + (h_b - f)). */
const normalisedSigmoid = {
  name: "normalised-sigmoid",
  description: "p_j(x) proportional to 1 / (1 + exp(-(beta1_j . x + beta0_j)))",
  gauge: "none",
  options: {},
  atomFields: (inputDim) => [
    { name: "beta1", length: inputDim },
    { name: "beta0", length: null },
  ],
  create(_inputDim, atoms) {
    const indices = Array.from({ length: atoms }, (_, j) => j);
    const secondPairs = indices.flatMap((a) => indices.slice(a).map((b) => [a, b]));
    const weightPairs = indices.flatMap((a) => indices.map((j) => [a, j]));
    return {
      family: "normalised-sigmoid",
      atoms,
      gauge: "none",
      channels: indices.map((atom) => ({ atom, basis: "affine", slope: "beta1", intercept: "beta0" })),
      secondPairs,
      weightPairs,
      mass: (beta0) => 1 / (1 + Math.exp(-beta0)),
      // Columns of the atoms lie `stride` doubles apart. Kernels do the common column arithmetic, here the softmax, in place.
      weights(kernels, { stride, channels, weights }, n) {
        const { f64 } = kernels.memory;
        for (let j = 0; j < atoms; j++) {
          for (let i = 0; i < n; i++) f64[weights + j * stride + i] = logSigmoid(f64[channels[j] + i]);
        }
        kernels.softmax(weights, weights, stride, atoms, n);
      },
      derivatives(
        { memory: { f64 } },
        { stride, channels, weights, experts, regression, first, second, weightFirst },
        n,
        order,
      ) {
        const q = (a, i) => f64[weights + a * stride + i] * sigmoid(-f64[channels[a] + i]);
        const excess = (a, i) => f64[experts + a * stride + i] - f64[regression + i];
        for (let a = 0; a < atoms; a++) {
          for (let i = 0; i < n; i++) f64[first + a * stride + i] = q(a, i) * excess(a, i);
        }
        if (order < 2) return;
        secondPairs.forEach(([a, b], pair) => {
          for (let i = 0; i < n; i++) {
            let value = -q(a, i) * q(b, i) * (excess(a, i) + excess(b, i));
            if (a === b) value += q(a, i) * excess(a, i) * (1 - 2 * sigmoid(f64[channels[a] + i]));
            f64[second[pair] + i] = value;
          }
        });
        weightPairs.forEach(([a, j], entry) => {
          for (let i = 0; i < n; i++) {
            f64[weightFirst[entry] + i] = q(a, i) * ((a === j ? 1 : 0) - f64[weights + j * stride + i]);
          }
        });
      },
    };
  },
};

function sigmoid(c) {
  return c >= 0 ? 1 / (1 + Math.exp(-c)) : Math.exp(c) / (1 + Math.exp(c));
}

function logSigmoid(c) {
  return c >= 0 ? -Math.log1p(Math.exp(-c)) : c - Math.log1p(Math.exp(c));
}

export const gatings = { "normalised-sigmoid": normalisedSigmoid };
