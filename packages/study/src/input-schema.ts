import { largestNumber, real } from "./family-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

/** A positive number of reasonable size. */
export const positive = {
  type: "number",
  exclusiveMinimum: 0,
  maximum: largestNumber,
} as const satisfies JsonSchema;

const dim: JsonSchema = { type: "integer", minimum: 1, maximum: 1000, description: "dimension d of x" };

/** Schema of `truth.input`: a law told apart by `law`, or the short form `{covariates: FILE}`. */
export const inputSchema: JsonSchema = {
  title: "law",
  description: "law of the inputs x",
  oneOf: [
    {
      type: "object",
      description: "independent coordinates, uniform on [low, high]",
      properties: {
        law: { const: "uniform" },
        low: { ...real, description: "lower end of every coordinate" },
        high: { ...real, description: "upper end of every coordinate" },
        dim,
      },
      required: ["law", "low", "high", "dim"],
      additionalProperties: false,
    },
    {
      type: "object",
      description: "independent normal coordinates",
      properties: {
        law: { const: "normal" },
        mean: { ...real, default: 0, description: "mean of every coordinate" },
        sd: { ...positive, default: 1, description: "standard deviation of every coordinate" },
        dim,
      },
      required: ["law", "dim"],
      additionalProperties: false,
    },
    {
      type: "object",
      description: "uniform on the sphere",
      properties: {
        law: { const: "sphere" },
        radius: { ...positive, default: 1, description: "radius of the sphere" },
        dim,
      },
      required: ["law", "dim"],
      additionalProperties: false,
    },
    ...(["law", "covariates"] as const).map((marker): JsonSchema => {
      const file = {
        type: "string",
        pattern: "\\.(?:csv|parquet)$",
        $comment: "covariates come from a .csv or .parquet file",
        description: "file of real covariates; x is drawn from its rows",
      } as const;
      return {
        type: "object",
        description: "rows drawn from a file of real covariates",
        properties: {
          ...(marker === "law" ? { law: { const: "covariates" }, file } : { covariates: file }),
          columns: {
            type: "array",
            items: { type: "string", description: "column name" },
            minItems: 1,
            uniqueItems: true,
            description: "columns of x, in order; x1, x2, ... when absent",
            examples: [["x1", "x2"]],
          },
          dim,
        },
        required: marker === "law" ? ["law", "file"] : ["covariates"],
        additionalProperties: false,
      };
    }),
  ],
  examples: [{ law: "uniform", low: -3, high: 3, dim: 2 }],
};
