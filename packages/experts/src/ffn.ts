import type { Activation } from "@moe-rates/kernels";
import type { ExpertFamily } from "./expert.ts";
import { ridgeExpert, ridgeFields, ridgeOptions } from "./ridge.ts";

const kernelOf: Record<string, Activation> = {
  relu: "relu",
  gelu: "gelu",
  sigmoid: "logistic",
  tanh: "tanh",
};

/** One-unit feed-forward expert h(x, eta) = phi(a . x + b), with scale lambda phi(a . x + b). */
export const ffn: ExpertFamily = {
  name: "ffn",
  description: "h(x) = phi(a . x + b), one hidden unit",
  options: {
    activation: { type: "string", allowed: Object.keys(kernelOf), default: "tanh", description: "phi" },
    ...ridgeOptions,
  },
  mainOption: "activation",
  atomFields: ridgeFields,
  create(_inputDim, options) {
    const activation = kernelOf[String(options["activation"] ?? "tanh")];
    return ridgeExpert(
      "ffn",
      (kernels, u, n, order, value, first, second) =>
        kernels.activation(activation, u, n, order, value, first, second),
      activation !== "relu",
      options,
    );
  },
};
