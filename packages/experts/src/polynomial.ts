import type { ExpertFamily } from "./expert.ts";
import { ridgeExpert, ridgeFields, ridgeOptions } from "./ridge.ts";

/** Polynomial expert h(x, eta) = (a . x + b)^degree. */
export const polynomial: ExpertFamily = {
  name: "polynomial",
  description: "h(x) = (a . x + b)^degree",
  options: {
    degree: { type: "integer", minimum: 1, maximum: 12, default: 2, description: "power p of (a . x + b)^p" },
    ...ridgeOptions,
  },
  mainOption: "degree",
  atomFields: ridgeFields,
  create(_inputDim, options) {
    const degree = Number(options["degree"] ?? 2);
    return ridgeExpert(
      "polynomial",
      (kernels, u, n, order, value, first, second) =>
        kernels.power(degree, u, n, order, value, first, second),
      degree >= 2,
      options,
    );
  },
};
