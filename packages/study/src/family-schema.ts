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
  return {
    type: "object",
    description: "gate and expert parameters under the theory's names",
    properties: fieldSchemas([...Object.values(families.gatings), ...Object.values(families.experts)]),
    additionalProperties: numberOrVector,
  };
}

/** Schema of one group of a two-level gate with its atoms, or null where no family has two levels. */
export function groupSchema(families: Families): JsonSchema | null {
  const gatings = Object.values(families.gatings).filter(({ groups }) => groups !== undefined);
  if (gatings.length === 0) return null;
  const gate = gatings.flatMap(({ groups }) =>
    groups!
      .fields(1)
      .map(({ name, length }): [string, JsonSchema] => [name, length === null ? real : vector]),
  );
  const eta: JsonSchema = {
    type: "object",
    description: "expert parameters under the theory's names",
    properties: fieldSchemas(Object.values(families.experts)),
    additionalProperties: numberOrVector,
  };
  const atom: JsonSchema = {
    type: "object",
    description: "gate within the group, and under eta the expert",
    properties: { ...fieldSchemas(gatings), eta },
    required: ["eta"],
    additionalProperties: numberOrVector,
  };
  return {
    type: "object",
    description: "gate of the group and its atoms",
    properties: {
      ...Object.fromEntries(gate),
      atoms: { type: "array", minItems: 1, items: atom, description: "atoms of the group" },
    },
    required: ["atoms"],
    additionalProperties: numberOrVector,
  };
}

function fieldSchemas(families: readonly FamilyDescription[]): Record<string, JsonSchema> {
  const shapes = new Map<string, Set<JsonSchema>>();
  for (const family of families) {
    for (const options of optionVariants(family)) {
      for (const { name, length } of family.atomFields(1, options)) {
        const shape = length === null ? real : vector;
        shapes.set(name, (shapes.get(name) ?? new Set()).add(shape));
      }
    }
  }
  return Object.fromEntries(
    Array.from(shapes, ([name, [shape, ...others]]): [string, JsonSchema] => [
      name,
      others.length === 0 ? shape : numberOrVector,
    ]),
  );
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
