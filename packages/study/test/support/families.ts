import type { AtomField, Families, FamilyOption } from "../../src/families.ts";

const gateFields = (inputDim: number): AtomField[] => [
  { name: "beta1", length: inputDim },
  { name: "beta0", length: null },
];

const ridgeOptions: Record<string, FamilyOption> = {
  scale: { type: "boolean", default: false, description: "output scale lambda" },
  bias: { type: "boolean", default: true, description: "intercept b" },
  normalise: { type: "boolean", default: false, description: "x / |x| instead of x" },
};

const ridgeFields = (inputDim: number, options: Readonly<Record<string, unknown>>): AtomField[] => [
  { name: "a", length: inputDim },
  ...(options["bias"] === false ? [] : [{ name: "b", length: null }]),
  ...(options["scale"] === true ? [{ name: "lambda", length: null }] : []),
];

/** The shapes of the shipped families, with a polynomial whose degree must be given. */
export const families: Families = {
  gatings: {
    softmax: { gauge: "translation", options: {}, atomFields: gateFields },
    sigmoid: { gauge: "none", options: {}, atomFields: gateFields },
  },
  experts: {
    linear: { options: {}, atomFields: (inputDim) => ridgeFields(inputDim, {}) },
    polynomial: {
      options: { degree: { type: "integer", minimum: 1, maximum: 12, description: "power" } },
      atomFields: (inputDim) => ridgeFields(inputDim, {}),
    },
    ffn: {
      options: {
        activation: {
          type: "string",
          allowed: ["relu", "gelu", "sigmoid", "tanh"],
          default: "tanh",
          description: "phi",
        },
        ...ridgeOptions,
        width: { type: "integer", minimum: 1, default: 1, later: true, description: "hidden units" },
      },
      atomFields: ridgeFields,
    },
  },
};
