import type { Families, FamilyDescription, FamilyOption, OptionValue } from "./families.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Schema of `gating` or `expert`: a name alone where no option is mandatory, or a mapping with `family` and options. */
export function familySchema(
  word: "gating" | "expert",
  families: Readonly<Record<string, FamilyDescription>>,
): JsonSchema {
  const all = Object.entries(families);
  const bare = all.filter(([, family]) => mandatoryOptions(family).length === 0).map(([name]) => name);
  return {
    title: word,
    oneOf: [
      { type: "string", enum: bare },
      ...all.map(([name, family]): JsonSchema => ({
        type: "object",
        ...(family.description === undefined ? {} : { description: family.description }),
        properties: {
          family: { const: name },
          ...Object.fromEntries(
            Object.entries(family.options).map(([key, option]) => [key, optionSchema(option)]),
          ),
        },
        required: ["family", ...mandatoryOptions(family)],
        additionalProperties: false,
      })),
    ],
  };
}

function mandatoryOptions(family: FamilyDescription): string[] {
  return Object.keys(family.options).filter((key) => family.options[key].default === undefined);
}

function optionSchema(option: FamilyOption): JsonSchema {
  return {
    type: option.type,
    description: option.description,
    ...(option.allowed === undefined ? {} : { enum: option.allowed }),
    ...(option.minimum === undefined ? {} : { minimum: option.minimum }),
    ...(option.maximum === undefined ? {} : { maximum: option.maximum }),
    ...(option.default === undefined ? {} : { default: option.default }),
  };
}

/** Schema of one atom: every field that some family has under some option, for completion; which of them belong is checked with the model at hand. */
export function atomSchema(families: Families): JsonSchema {
  const shapes = new Map<string, Set<JsonSchema>>();
  for (const family of [...Object.values(families.gatings), ...Object.values(families.experts)]) {
    for (const options of optionVariants(family)) {
      for (const { name, length } of family.atomFields(1, options)) {
        const shape = length === null ? real : vector;
        shapes.set(name, (shapes.get(name) ?? new Set()).add(shape));
      }
    }
  }
  const properties = Array.from(shapes, ([name, [shape, ...others]]): [string, JsonSchema] => [
    name,
    others.length === 0 ? shape : numberOrVector,
  ]);
  return {
    type: "object",
    description: "gate and expert parameters under the theory's names",
    properties: Object.fromEntries(properties),
    additionalProperties: numberOrVector,
  };
}

/** Largest absolute value of a parameter: beyond it exponentials and sums of squares lose all digits. */
export const largestNumber = 1e6;

/** A number of reasonable size. */
export const real = {
  type: "number",
  minimum: -largestNumber,
  maximum: largestNumber,
} as const satisfies JsonSchema;

const vector: JsonSchema = { type: "array", items: real, minItems: 1 };
const numberOrVector: JsonSchema = { oneOf: [real, vector] };

/** The defaults, and the defaults with each option in turn set to each of its values. */
function optionVariants(family: FamilyDescription): Record<string, OptionValue>[] {
  const entries = Object.entries(family.options);
  const defaults = Object.fromEntries(
    entries.map(([key, option]) => [key, option.default ?? valuesOf(option)[0]]),
  );
  return [
    defaults,
    ...entries.flatMap(([key, option]) => valuesOf(option).map((value) => ({ ...defaults, [key]: value }))),
  ];
}

function valuesOf(option: FamilyOption): readonly OptionValue[] {
  if (option.type === "boolean") return [false, true];
  return option.allowed ?? [option.default ?? option.minimum ?? (option.type === "string" ? "" : 1)];
}
