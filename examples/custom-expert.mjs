// An expert family of your own: h(x) = sin(a . x + b).
//
//   npx moe-rates fit data.csv --x x1,x2 --y y --gating softmax --expert sine --atoms 2 --plugin examples/custom-expert.mjs
//
// An expert is a function of channels, inner products of its parameters with a run of basis columns: x ("input"), (x, 1)
// ("affine"), x / |x| ("normalised"), (1, x / |x|) ("normalised-affine") or the constant ("one"). It gives its value and its
// derivatives in the channels; the derivatives in the parameters follow from those.

/** Sine expert h(x, eta) = sin(u), u = a . x + b: dh/du = cos(u), d2h/du2 = -sin(u). */
const sine = {
  name: "sine",
  description: "h(x) = sin(a . x + b)",
  options: {},
  atomFields: (inputDim) => [
    { name: "a", length: inputDim },
    { name: "b", length: null },
  ],
  create: () => ({
    family: "sine",
    channels: [{ basis: "affine", slope: "a", intercept: "b" }],
    secondPairs: [[0, 0]],
    // Columns are addresses of n doubles in kernels.memory.f64. Order 0 writes the value, 1 also `first`, 2 also `second`.
    evaluate({ memory: { f64 } }, { channels, value, first, second }, n, order) {
      const u = channels[0];
      for (let i = 0; i < n; i++) f64[value + i] = Math.sin(f64[u + i]);
      if (order >= 1) for (let i = 0; i < n; i++) f64[first[0] + i] = Math.cos(f64[u + i]);
      if (order >= 2) for (let i = 0; i < n; i++) f64[second[0] + i] = -f64[value + i];
    },
  }),
};

export const experts = { sine };
