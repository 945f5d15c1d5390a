import type { Activation } from "@moe-rates/kernels";
import type { ExpertFamily } from "./expert.ts";
import { ridgeExpert, ridgeFields, ridgeOptions } from "./ridge.ts";
import { sumOfUnits } from "./sum-of-units.ts";

const kernelOf: Record<string, Activation> = {
  relu: "relu",
  gelu: "gelu",
  sigmoid: "logistic",
  tanh: "tanh",
};

/** Feed-forward expert with one hidden layer, h(x, eta) = sum_m phi(a_m . x + b_m) over `width` units, with scale
 *  h(x, eta) = sum_m lambda_m phi(a_m . x + b_m). One unit has the parameters a, b, lambda, several a1, b1, lambda1, a2, ...
 *  Permuting the units changes nothing; nor does, with scale, (lambda_m, a_m, b_m) -> -(lambda_m, a_m, b_m) for an odd phi. */
export const ffn: ExpertFamily = {
  name: "ffn",
  description: "h(x) = phi(a . x + b), one hidden unit; with width, the sum of so many units",
  options: {
    activation: { type: "string", allowed: Object.keys(kernelOf), default: "tanh", description: "phi" },
    ...ridgeOptions,
    width: {
      type: "integer",
      minimum: 1,
      maximum: 256,
      default: 1,
      later: true,
      description: "hidden units; several have the parameters a1, b1, lambda1, a2, ...",
    },
  },
  mainOption: "activation",
  atomFields(inputDim, options) {
    const width = widthOf(options);
    if (width === 1) return ridgeFields(inputDim, options);
    return Array.from({ length: width }, (_, m) => ridgeFields(inputDim, options, String(m + 1))).flat();
  },
  create(_inputDim, options) {
    const activation = kernelOf[String(options["activation"] ?? "tanh")];
    const unit = (name: string) =>
      ridgeExpert(
        "ffn",
        (kernels, u, n, order, value, first, second) =>
          kernels.activation(activation, u, n, order, value, first, second),
        activation !== "relu",
        options,
        name,
      );
    const width = widthOf(options);
    if (width === 1) return { ...unit(""), even: activation === "tanh" && options["scale"] === true };
    return sumOfUnits(Array.from({ length: width }, (_, m) => unit(String(m + 1))));
  },
};

function widthOf(options: Readonly<Record<string, unknown>>): number {
  return Number(options["width"] ?? 1);
}
