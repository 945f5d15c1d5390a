import { nearestWord } from "@moe-rates/math";
import type { JsonSchema } from "./json-schema.ts";
import { childKey, type Findings } from "./problem.ts";
import { describeNode, quoted, type SourceMap, type SourceNode, type SourceScalar } from "./source-node.ts";

/** Checks a node against a schema and reports every deviation with its place, what came, what is allowed and the nearest known word. */
export function validateSource(schema: JsonSchema, node: SourceNode, key: string, findings: Findings): void {
  if (node.kind === "broken") return;
  if (schema.oneOf !== undefined) {
    const branch = chooseBranch(schema, schema.oneOf, node, key, findings);
    if (branch !== null) validateSource({ title: schema.title ?? "", ...branch }, node, key, findings);
    return;
  }
  if (node.kind === "scalar") return validateScalar(schema, node, key, findings);
  if (node.kind === "list" && schema.type === "array") {
    if (node.items.length < (schema.minItems ?? 0)) findings.report(node.place, key, "must not be empty");
    const seen = new Set<unknown>();
    node.items.forEach((item, i) => {
      validateSource(schema.items ?? {}, item, childKey(key, i), findings);
      if (schema.uniqueItems === true && item.kind === "scalar") {
        if (seen.has(item.value)) findings.report(item.place, childKey(key, i), `repeats ${item.text}`);
        seen.add(item.value);
      }
    });
    return;
  }
  if (node.kind === "mapping" && schema.type === "object")
    return validateMapping(schema, node, key, findings);
  findings.report(node.place, key, `expected ${describeSchema(schema)}, got ${describeNode(node)}`);
}

function validateMapping(schema: JsonSchema, node: SourceMap, key: string, findings: Findings): void {
  const properties = schema.properties ?? {};
  for (const [name, entry] of node.entries) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties;
    if (inner === false) {
      const known = Object.keys(properties).filter((property) => property !== "$schema");
      findings.report(entry.place, childKey(key, name), `unknown key; known: ${knownWords(name, known)}`);
    } else validateSource(inner ?? {}, entry.node, childKey(key, name), findings);
  }
  for (const name of schema.required ?? []) {
    if (node.entries.has(name)) continue;
    const meaning = properties[name]?.description;
    const expected = `expected ${describeSchema(properties[name] ?? {})}`;
    findings.report(
      node.place,
      childKey(key, name),
      `is missing; ${expected}${meaning === undefined ? "" : `: ${meaning}`}`,
    );
  }
}

function validateScalar(schema: JsonSchema, node: SourceScalar, key: string, findings: Findings): void {
  const report = (message: string): void => findings.report(node.place, key, message);
  const { value } = node;
  if (value === null) return report(`has no value; expected ${describeSchema(schema)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const known = schema.enum.map(String);
    const message =
      schema.title === undefined || schema.title === ""
        ? `${describeNode(node)} is not allowed; known: ${knownWords(String(value), known)}`
        : unknownWord(schema.title, String(value), quoted(String(value)), known);
    return report(message);
  }
  if (schema.const !== undefined && schema.const !== value)
    return report(`expected ${schema.const}, got ${describeNode(node)}`);
  if (schema.type === "number" || schema.type === "integer") return validateNumber(schema, node, report);
  if (schema.type !== undefined && schema.type !== typeof value) {
    return report(`expected ${describeSchema(schema)}, got ${describeNode(node)}${quoteHint(schema, value)}`);
  }
  if (typeof value !== "string") return;
  const why = schema.$comment === undefined ? "" : `: ${schema.$comment}`;
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    return report(`${quoted(value)} does not fit ${schema.pattern}${why}`);
  }
  if (value.length > (schema.maxLength ?? Infinity))
    report(`is ${value.length} characters long; at most ${schema.maxLength}`);
}

function validateNumber(schema: JsonSchema, node: SourceScalar, report: (message: string) => void): void {
  const { value } = node;
  if (typeof value !== "number") {
    const unquoted = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
    return report(
      `expected ${describeSchema(schema)}, got ${describeNode(node)}${unquoted ? `; write it as ${Number(value)}, without quotes or other signs` : ""}`,
    );
  }
  const came = describeNode(node);
  const why = schema.$comment === undefined ? "" : `: ${schema.$comment}`;
  if (!Number.isFinite(value)) return report(`must be a finite number, got ${came}`);
  if (schema.type === "integer" && !Number.isInteger(value))
    return report(`must be a whole number, got ${came}`);
  if (schema.minimum !== undefined && value < schema.minimum)
    report(`must be at least ${schema.minimum}, got ${came}${why}`);
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) {
    report(`must be greater than ${schema.exclusiveMinimum}, got ${came}${why}`);
  }
  if (schema.maximum !== undefined && value > schema.maximum)
    report(`must be at most ${schema.maximum}, got ${came}${why}`);
}

function quoteHint(schema: JsonSchema, value: string | number | boolean): string {
  if (schema.type === "boolean" && typeof value === "string" && /^(?:yes|no|on|off)$/i.test(value)) {
    return `; write ${/^(?:yes|on)$/i.test(value) ? "true" : "false"}`;
  }
  return schema.type === "string" ? "; put it in quotes" : "";
}

/** The alternative that the node can only mean, by its kind and among mappings by the property that has a constant value in them. */
function chooseBranch(
  schema: JsonSchema,
  branches: readonly JsonSchema[],
  node: SourceNode,
  key: string,
  findings: Findings,
): JsonSchema | null {
  const objects = branches.filter((branch) => branch.type === "object");
  if (node.kind === "mapping" && objects.length > 0)
    return chooseObject(schema, objects, node, key, findings);
  if (node.kind === "list") {
    const list = branches.find((branch) => branch.type === "array");
    if (list !== undefined) return list;
  }
  const scalars = branches.filter((branch) => branch.type !== "object" && branch.type !== "array");
  if (node.kind === "scalar" && node.value !== null && scalars.length > 0) {
    const scalar = scalars[0];
    const numeric = scalar.type === "number" || scalar.type === "integer";
    const [family, option] = String(node.value).split(":");
    const needsOptions = objects.find((branch) => constants(branch).includes(family));
    if (scalar.enum !== undefined && !scalar.enum.includes(node.value)) {
      if (needsOptions !== undefined) {
        const names = option === undefined ? (needsOptions.required ?? []).slice(1) : [];
        const options = option === undefined ? names.map((name) => `, ${name}: ...`).join("") : ", ...";
        const why = option === undefined ? "needs options" : "has its options in a mapping here";
        findings.report(
          node.place,
          key,
          `${quoted(String(node.value))} ${why}: {family: ${family}${options}}`,
        );
        return null;
      }
      return { ...scalar, enum: [...new Set([...scalar.enum, ...objects.flatMap(constants)])] };
    }
    if (!numeric || typeof node.value === "number") return scalar;
  }
  findings.report(node.place, key, `expected ${describeSchema(schema)}, got ${describeNode(node)}`);
  return null;
}

function chooseObject(
  schema: JsonSchema,
  objects: readonly JsonSchema[],
  node: SourceMap,
  key: string,
  findings: Findings,
): JsonSchema | null {
  const discriminator = objects
    .flatMap((branch) => Object.keys(branch.properties ?? {}))
    .find((name) => objects.some((branch) => branch.properties?.[name]?.const !== undefined));
  if (objects.length === 1 && discriminator === undefined) return objects[0];
  const known = objects.flatMap(constants);
  const chosen = discriminator === undefined ? undefined : node.entries.get(discriminator);
  if (discriminator === undefined || chosen === undefined) {
    const other = objects.find(
      (branch) =>
        constants(branch).length === 0 && (branch.required ?? []).every((name) => node.entries.has(name)),
    );
    if (other !== undefined) return other;
    findings.report(node.place, childKey(key, discriminator ?? ""), `is missing; known: ${known.join(", ")}`);
    return null;
  }
  const value = chosen.node.kind === "scalar" ? chosen.node.value : undefined;
  const match = objects.find(
    (branch) => branch.properties?.[discriminator]?.const === value && value !== undefined,
  );
  if (match !== undefined) return match;
  if (chosen.node.kind === "broken") return null;
  const came =
    chosen.node.kind === "scalar" && value !== null ? quoted(chosen.node.text) : describeNode(chosen.node);
  const word = schema.title ?? discriminator;
  findings.report(
    chosen.node.place,
    childKey(key, discriminator),
    unknownWord(word, String(value), came, known),
  );
  return null;
}

function constants(branch: JsonSchema): string[] {
  return Object.values(branch.properties ?? {}).flatMap((property) =>
    property.const === undefined ? [] : [property.const],
  );
}

/** `unknown gating "sofmax"; known: softmax, sigmoid; did you mean softmax?` */
function unknownWord(what: string, word: string, shown: string, known: readonly string[]): string {
  const far = nearestWord(word, known) === undefined;
  return `unknown ${what} ${shown}${far ? ", not available in this version" : ""}; known: ${knownWords(word, known)}`;
}

/** `softmax, sigmoid; did you mean softmax?` */
export function knownWords(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  return `${known.join(", ")}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}

const typeWords = {
  object: "a mapping",
  array: "a list",
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
} as const;

function describeSchema(schema: JsonSchema): string {
  if (schema.oneOf !== undefined) {
    const tagged = schema.oneOf.filter((branch) => constants(branch).length > 0);
    const others = schema.oneOf.filter((branch) => branch.type !== "object" || tagged.length === 0);
    const shared = (tagged[0]?.required ?? []).filter((name) =>
      tagged.every((branch) => branch.required?.includes(name)),
    );
    const words = others
      .map(describeSchema)
      .concat(tagged.length > 0 ? `a mapping with ${shared.join(", ")}` : []);
    return [...new Set(words)].join(" or ");
  }
  if (schema.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  const required =
    schema.type === "object" && (schema.required?.length ?? 0) > 0
      ? ` with ${schema.required!.join(", ")}`
      : "";
  return schema.type === undefined ? "a value" : typeWords[schema.type] + required;
}
