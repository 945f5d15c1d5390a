import { defaultBox, knownLosses, mixedStarts } from "./defaults.ts";
import type { Families } from "./families.ts";
import { atomSchema, familySchema, largestNumber, real } from "./family-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const name = {
  type: "string",
  pattern: "^[a-z0-9][a-z0-9._-]*$",
  maxLength: 100,
  $comment:
    "names are made of lower-case letters, digits, dots, dashes and underscores and start with a letter or digit",
} as const satisfies JsonSchema;

const positive = {
  type: "number",
  exclusiveMinimum: 0,
  maximum: largestNumber,
} as const satisfies JsonSchema;

const count = (description: string): JsonSchema => ({
  type: "integer",
  minimum: 0,
  maximum: 10_000,
  description,
});

const dim: JsonSchema = { type: "integer", minimum: 1, maximum: 1000, description: "dimension d of x" };

const inputSchema: JsonSchema = {
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

const startsSchema: JsonSchema = {
  title: "start policy",
  description: "how many starting points each policy contributes; without it, the mixed policy",
  default: "mixed",
  oneOf: [
    { type: "string", enum: ["mixed"] },
    {
      type: "object",
      properties: {
        "near-truth": {
          type: "object",
          description: "truth plus radius * N(0, 1) in every parameter; alone it makes a local estimator",
          properties: {
            radius: {
              type: "number",
              minimum: 0,
              maximum: largestNumber,
              description: "distance scale, the same for every n",
            },
            count: count("number of starts near the truth"),
          },
          required: ["radius", "count"],
          additionalProperties: false,
        },
        random: count("uniform in the box"),
        "k-means": count("clusters of (x, y), one expert each"),
        split: count("an atom of the smaller fit, split along its splitting matrix"),
        add: count("an atom added to the smaller fit where the projected score is largest"),
      },
      additionalProperties: false,
    },
  ],
  examples: [mixedStarts],
};

/** The schema of study files (JSON Schema, draft 2020-12) for the families at hand: what `parseStudy` checks files by and editors complete from. */
export function studySchema(families: Families): JsonSchema {
  const gating = familySchema("gating", families.gatings);
  const expert = familySchema("expert", families.experts);
  const atoms: JsonSchema = { type: "integer", minimum: 1, maximum: 100, description: "fitted atoms k" };
  const fit: JsonSchema = {
    type: "object",
    properties: {
      name: { ...name, default: "fit", description: "tells fits apart; needed when there are several" },
      atoms: {
        oneOf: [atoms, { type: "array", items: atoms, minItems: 1, uniqueItems: true }],
        description: "fitted atoms k, or a list: one design for each",
        examples: [3, [2, 3]],
      },
      gating: { ...gating, description: "gating of the fitted model; the truth's when absent" },
      expert: { ...expert, description: "expert of the fitted model; the truth's when absent" },
      box: {
        ...positive,
        default: defaultBox,
        description:
          "bound B of the compact set: |expert parameters| <= B, gates within B of the mean gate (softmax) or of zero",
      },
      starts: startsSchema,
    },
    required: ["atoms"],
    additionalProperties: false,
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "moe-rates study",
    description: "A Monte Carlo study of convergence rates of a mixture-of-experts estimator",
    type: "object",
    properties: {
      $schema: { type: "string", description: "address of this schema, for editors" },
      name: {
        ...name,
        description: "name of the study and of its result file",
        examples: ["softmax-tanh-overspecified"],
      },
      seed: {
        type: "integer",
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        $comment: "a larger number would lose digits",
        description: "first part of the key of every random stream",
        examples: [20250405],
      },
      truth: {
        type: "object",
        description: "where the data come from: y = f(x) + noise",
        properties: {
          gating: { ...gating, description: "gating of the true model" },
          expert: { ...expert, description: "expert family of the true model" },
          input: inputSchema,
          noise: {
            type: "object",
            description: "normal noise",
            properties: {
              sd: {
                type: "number",
                minimum: 1e-9,
                maximum: largestNumber,
                $comment:
                  "fits stop and are compared in units of the noise variance; for nearly noise-free data take a small value such as 1e-3",
                description: "standard deviation of y given x",
              },
            },
            required: ["sd"],
            additionalProperties: false,
            examples: [{ sd: 0.1 }],
          },
          atoms: {
            type: "array",
            minItems: 1,
            items: atomSchema(families),
            description: "true atoms, one mapping each; their number is k*",
            examples: [[{ beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] }]],
          },
        },
        required: ["gating", "expert", "input", "noise", "atoms"],
        additionalProperties: false,
      },
      fit: {
        description: "the fitted model, or a list of them with distinct names",
        oneOf: [fit, { type: "array", items: fit, minItems: 1 }],
      },
      design: {
        type: "object",
        description: "sample sizes and replicates",
        properties: {
          sampleSizes: sampleSizesSchema,
          replicates: {
            type: "integer",
            minimum: 1,
            maximum: 1_000_000,
            description: "independent data sets per sample size",
            examples: [40],
          },
          nested: {
            type: "boolean",
            default: true,
            description: "sample n of a replicate is the first n draws of that replicate",
          },
          commonRandomNumbers: { type: "boolean", default: true, description: "all fits see the same data" },
        },
        required: ["sampleSizes", "replicates"],
        additionalProperties: false,
      },
      losses: {
        type: "array",
        items: { title: "loss", enum: [...knownLosses], type: "string" },
        minItems: 1,
        uniqueItems: true,
        default: [...knownLosses],
        description: "distances from a fit to the truth",
      },
    },
    required: ["name", "seed", "truth", "fit", "design"],
    additionalProperties: false,
  };
}

const size: JsonSchema = { type: "integer", minimum: 1, maximum: 1e9, description: "sample size n" };

const sampleSizesSchema: JsonSchema = {
  description: "a list of sample sizes, or a log-spaced grid",
  oneOf: [
    { type: "array", items: size, minItems: 1 },
    {
      type: "object",
      description: "log-spaced from `from` to `to`, rounded",
      properties: {
        from: size,
        to: size,
        count: { type: "integer", minimum: 1, maximum: 1000, description: "number of sizes" },
      },
      required: ["from", "to", "count"],
      additionalProperties: false,
    },
  ],
  examples: [{ from: 1e3, to: 1e6, count: 13 }, [1000, 4000, 16000]],
};
