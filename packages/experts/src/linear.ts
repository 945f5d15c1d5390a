import type { ExpertFamily } from "./expert.ts";
import { ridgeExpert, ridgeFields, ridgeOptions } from "./ridge.ts";

/** Linear expert h(x, eta) = a . x + b. */
export const linear: ExpertFamily = {
  name: "linear",
  description: "h(x) = a . x + b",
  options: { bias: ridgeOptions.bias, normalise: ridgeOptions.normalise },
  atomFields: ridgeFields,
  create: (_inputDim, options) => ({
    ...ridgeExpert(
      "linear",
      (kernels, u, n, order, value, first) => {
        kernels.scale(value, u, 1, n);
        if (order >= 1) kernels.fill(first, 1, n);
      },
      false,
      { ...options, scale: false },
    ),
    identity: true,
  }),
};
