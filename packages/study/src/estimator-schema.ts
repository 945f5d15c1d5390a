import type { JsonSchema } from "./json-schema.ts";

const training = (method: string): JsonSchema => ({
  type: "object",
  description: method,
  properties: {
    epochs: { type: "integer", minimum: 1, maximum: 100_000, description: "passes over the data" },
    learningRate: { type: "number", minimum: 1e-9, maximum: 1e3, description: "length of a step" },
    batch: { type: "integer", minimum: 1, maximum: 1e9, default: 256, description: "rows of a batch" },
  },
  required: ["epochs", "learningRate"],
  additionalProperties: false,
});

/** Schema of `fit.estimator`: least squares, or training by stochastic gradients to compare with. */
export const estimatorSchema: JsonSchema = {
  title: "estimator",
  description:
    "least-squares (default), or training from starts near the truth, a local estimator that nothing certifies",
  default: "least-squares",
  oneOf: [
    { type: "string", enum: ["least-squares"] },
    {
      type: "object",
      properties: { sgd: training("stochastic gradient descent") },
      required: ["sgd"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: { adam: training("Adam, by Kingma and Ba (2015)") },
      required: ["adam"],
      additionalProperties: false,
    },
  ],
  examples: [{ sgd: { epochs: 10, learningRate: 0.1, batch: 256 } }],
};
