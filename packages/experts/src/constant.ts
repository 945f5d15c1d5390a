import type { ExpertFamily } from "./expert.ts";

/** Input-free expert h(x, eta) = b: the experts a = 0 of arXiv 2405.13997, for which sigmoid gates lose the parametric rate. */
export const constant: ExpertFamily = {
  name: "constant",
  description: "h(x) = b, whatever the input",
  options: {},
  atomFields: () => [{ name: "b", length: null }],
  create: () => ({
    family: "constant",
    channels: [{ basis: "one", slope: "", intercept: "b" }],
    secondPairs: [],
    evaluate(kernels, { channels, value, first }, n, order) {
      kernels.scale(value, channels[0], 1, n);
      if (order >= 1) kernels.fill(first[0], 1, n);
    },
  }),
};
