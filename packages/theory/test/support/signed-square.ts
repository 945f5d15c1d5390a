import type { ExpertFamily } from "@moe-rates/experts";

/** A user's own expert, homogeneous of degree 2: h(x, eta) = u |u|, u = a . x. */
const signedSquare: ExpertFamily = {
  name: "signed-square",
  description: "u |u| with u = a . x",
  options: {},
  atomFields: (inputDim) => [{ name: "a", length: inputDim }],
  create: () => ({
    family: "signed-square",
    channels: [{ basis: "input", slope: "a", intercept: "" }],
    secondPairs: [[0, 0]],
    evaluate({ memory: { f64 } }, { channels, value, first, second }, n, order) {
      const at = channels[0];
      for (let i = 0; i < n; i++) {
        const u = f64[at + i];
        f64[value + i] = u * Math.abs(u);
        if (order >= 1) f64[first[0] + i] = 2 * Math.abs(u);
        if (order >= 2) f64[second[0] + i] = 2 * Math.sign(u);
      }
    },
  }),
};

export const ownExperts = { "signed-square": signedSquare };
