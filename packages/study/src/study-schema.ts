import { lossFamilies } from "@moe-rates/losses";
import { defaultBox } from "./defaults.ts";
import { estimatorSchema } from "./estimator-schema.ts";
import type { Families } from "./families.ts";
import { atomSchema, familySchema, groupSchema, largestNumber } from "./family-schema.ts";
import { inputSchema, positive } from "./input-schema.ts";
import type { JsonSchema } from "./json-schema.ts";
import { startsSchema } from "./starts-schema.ts";

const name = {
  type: "string",
  pattern: "^[a-z0-9][a-z0-9._-]*$",
  maxLength: 100,
  $comment:
    "names are made of lower-case letters, digits, dots, dashes and underscores and start with a letter or digit",
} as const satisfies JsonSchema;

/** The schema of study files (JSON Schema, draft 2020-12) for the families at hand: what `parseStudy` checks files by and editors complete from. */
export function studySchema(families: Families): JsonSchema {
  const gating = familySchema("gating", families.gatings);
  const expert = familySchema("expert", families.experts);
  const atoms: JsonSchema = { type: "integer", minimum: 1, maximum: 100, description: "fitted atoms k" };
  const group = groupSchema(families);
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
      estimator: estimatorSchema,
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
          ...(group === null
            ? {}
            : {
                groups: {
                  type: "array",
                  minItems: 1,
                  items: group,
                  description: "true groups of a two-level gating, instead of atoms; each has k* atoms",
                } satisfies JsonSchema,
              }),
        },
        required: ["gating", "expert", "input", "noise"],
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
          replicates: replicatesSchema,
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
        items: { title: "loss", type: "string", pattern: lossPattern },
        minItems: 1,
        uniqueItems: true,
        default: ["voronoi-d1", "regression-l2"],
        description:
          "distances from a fit to the truth, an order r after a colon; without losses voronoi-d1 (dense-to-sparse: voronoi-d4 and components, hierarchical: voronoi-d5, several units: expert-l2) and regression-l2",
        examples: [["voronoi-d1", "voronoi-d2:2", "components", "regression-l2"]],
      },
    },
    required: ["name", "seed", "truth", "fit", "design"],
    additionalProperties: false,
  };
}

const familiesWhere = (ordered: boolean) =>
  Object.values(lossFamilies)
    .filter((family) => family.ordered === ordered)
    .map(({ name: loss }) => loss)
    .join("|");

/** Names of losses, with an order from 1 to 20 where they have one. */
const lossPattern = `^(?:${familiesWhere(false)}|(?:${familiesWhere(true)}):(?:(?:1?[1-9]|10)(?:\\.\\d*[1-9])?|20))$`;

const size: JsonSchema = { type: "integer", minimum: 1, maximum: 1e9, description: "sample size n" };

const sampleSizesSchema: JsonSchema = {
  description: "a list of sample sizes, or a grid, log-spaced unless it says otherwise",
  oneOf: [
    { type: "array", items: size, minItems: 1 },
    {
      type: "object",
      description: "from `from` to `to`, rounded",
      properties: {
        from: size,
        to: size,
        count: { type: "integer", minimum: 1, maximum: 1000, description: "number of sizes" },
        spacing: {
          type: "string",
          enum: ["log", "linear"],
          default: "log",
          description: "equal ratios, or equal differences",
        },
      },
      required: ["from", "to", "count"],
      additionalProperties: false,
    },
  ],
  examples: [{ from: 1e3, to: 1e6, count: 13 }, [1000, 4000, 16000]],
};

const replicateCount: JsonSchema = { type: "integer", minimum: 1, maximum: 1_000_000 };

const replicatesSchema: JsonSchema = {
  description: "independent data sets per sample size, or a precision to reach with them",
  oneOf: [
    { ...replicateCount, description: "independent data sets per sample size" },
    {
      type: "object",
      description: "adds replicates in rounds, where they narrow the slope's interval most for their cost",
      properties: {
        target: {
          type: "object",
          description: "what to reach for every design",
          properties: {
            slopeHalfWidth: {
              ...positive,
              description: "half-width of the slope's 95 % interval",
              examples: [0.02],
            },
            loss: { type: "string", description: "one of the study's losses; its first when absent" },
            component: { type: "string", default: "total", description: "total, or a part of the loss" },
            statistic: {
              type: "string",
              enum: ["median", "mean"],
              default: "median",
              description: "of the replicates at a sample size",
            },
          },
          required: ["slopeHalfWidth"],
          additionalProperties: false,
        },
        initial: {
          ...replicateCount,
          default: 20,
          description: "replicates of the first round; max when that is less",
        },
        max: { ...replicateCount, description: "most replicates at a sample size", examples: [400] },
      },
      required: ["target", "max"],
      additionalProperties: false,
    },
  ],
  examples: [40, { target: { slopeHalfWidth: 0.02 }, max: 400 }],
};
