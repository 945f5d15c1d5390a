import { mixedStarts } from "./defaults.ts";
import { largestNumber } from "./family-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const count = (description: string): JsonSchema => ({
  type: "integer",
  minimum: 0,
  maximum: 10_000,
  description,
});

/** Schema of `fit.starts`: `mixed`, or a count per policy. */
export const startsSchema: JsonSchema = {
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
        add: count("an atom added to the smaller fit where the predicted gain is large"),
        around: count("the best fit so far with one atom drawn anew or moved"),
      },
      additionalProperties: false,
    },
  ],
  examples: [mixedStarts],
};
