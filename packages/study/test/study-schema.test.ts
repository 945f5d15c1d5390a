import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type JsonSchema, parseStudy, starterStudy, studySchema } from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

const schema = studySchema(families);
const ajv = new Ajv2020({ strict: true, allErrors: true });
const validate = ajv.compile(schema);

describe("the schema of study files", () => {
  test("is plain JSON and strict draft 2020-12", () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
  });

  test("accepts the studies that parseStudy accepts", () => {
    for (const text of [validStudy, starterStudy()]) {
      expect(validate(parse(text)), ajv.errorsText(validate.errors)).toBe(true);
    }
  });

  test.each([
    ["gating: softmax", "gating: sofmax"],
    ["{family: ffn, activation: tanh, bias: false}", "polynomial"],
    ["{family: ffn, activation: tanh, bias: false}", "{family: polynomial}"],
    ["{family: ffn, activation: tanh, bias: false}", "{family: polynomial, degree: 0}"],
    ["activation: tanh", "activation: 3"],
    ["law: uniform, ", ""],
    ["law: uniform", "law: normal"],
    ["dim: 2", "dim: 0"],
    ["sd: 0.1", "sd: 0"],
    ["sd: 0.1", "sd: '0.1'"],
    ["beta0: 0.4", "beta0: [[1]]"],
    ["a: [1.6, 0.8]", "a: []"],
    ["[2, 3]", "[]"],
    ["[2, 3]", "[2, 2]"],
    ["[2, 3]", "2.5"],
    ["box: 10", "box: 0"],
    ["box: 10", "boxx: 10"],
    ["random: 6", "random: -1"],
    ["{near-truth: {radius: 0.1, count: 2}, random: 6}", "all"],
    ["count: 13", "count: 1e9"],
    ["{from: 1e3, to: 1e6, count: 13}", "[]"],
    ["replicates: 40", "replicates: {target: {slopeHalfWidth: 0.02}}"],
    ["name: softmax-tanh", "name: Softmax"],
    ["seed: 20250405", "seed: -1"],
    ["seed: 20250405\n", ""],
    ["[voronoi-d1, regression-l2]", "[voronoi-d1, voronoi-d1]"],
    ["[voronoi-d1, regression-l2]", "[]"],
  ])("and parseStudy both refuse %s changed to %s", (from, to) => {
    expect(validStudy).toContain(from);
    const text = validStudy.replace(from, to);
    expect(validate(parse(text))).toBe(false);
    expect(parseStudy(text, { fileName: "s.yaml", families }).ok).toBe(false);
  });

  test("describes every property and gives examples that it accepts itself", () => {
    for (const [path, node] of walk(schema, "")) {
      for (const [name, property] of Object.entries(node.properties ?? {})) {
        const tag = property.const !== undefined || path.includes("atoms");
        expect(tag || property.description !== undefined, `${path}.${name}`).toBe(true);
      }
      for (const example of node.examples ?? []) {
        expect(
          ajv.validate({ ...node, $schema: schema.$schema! }, example),
          `${path}: ${ajv.errorsText()}`,
        ).toBe(true);
      }
    }
  });

  test("offers every parameter of every family for completion", () => {
    const atom = schema.properties!["truth"].properties!["atoms"].items!;
    expect(Object.keys(atom.properties!)).toEqual(["beta1", "beta0", "a", "b", "lambda"]);
  });
});

function* walk(node: JsonSchema, path: string): Generator<[string, JsonSchema]> {
  yield [path, node];
  for (const [name, property] of Object.entries(node.properties ?? {}))
    yield* walk(property, `${path}.${name}`);
  for (const branch of node.oneOf ?? []) yield* walk(branch, path);
  if (node.items !== undefined) yield* walk(node.items, `${path}[]`);
}
