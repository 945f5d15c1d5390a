import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { parseStudy, studySchema } from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

const seed = 20250405;
const fitsSchema = new Ajv2020().compile(studySchema(families));

/** Whatever comes in: a study, or problems that each name a place; nothing thrown, no NaN in what comes out. */
function expectSound(text: string, overrides: string[] = []): void {
  const parsed = parseStudy(text, { fileName: "s.yaml", families, overrides });
  const listed = parsed.ok ? parsed.warnings : parsed.problems;
  if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
  const lines = text.split(/\r\n|\n|\r/).length;
  for (const problem of listed) {
    expect(problem.message).not.toMatch(/undefined|\bNaN\b(?!")|\bInfinity\b(?!")|\[object|\n/);
    expect(typeof problem.key).toBe("string");
    if (problem.override === undefined) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lines);
      expect(problem.column).toBeGreaterThanOrEqual(1);
    } else expect(problem.line).toBe(0);
  }
  if (!parsed.ok) return;
  if (overrides.length === 0) expect(fitsSchema(parse(text))).toBe(true);
  expectFinite(parsed.study);
  const sizes = parsed.study.sampleSizes;
  expect(sizes.every((n, i) => Number.isInteger(n) && n >= 1 && (i === 0 || n > sizes[i - 1]))).toBe(true);
}

function expectFinite(value: unknown): void {
  if (typeof value === "number") expect(Number.isFinite(value) && !Object.is(value, -0)).toBe(true);
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(expectFinite);
  else expect(["string", "boolean"]).toContain(typeof value);
}

const snippets = fc.constantFrom(
  "",
  " ",
  "\n",
  "\t",
  ":",
  ": ",
  "- ",
  "[",
  "]",
  "{",
  "}",
  "&a ",
  "*a",
  "!!str ",
  "#",
  "'",
  '"',
  "|",
  ">",
  "~",
  "null",
  ".nan",
  "-.inf",
  "1e999",
  "-1",
  "0",
  "1e3",
  "0x1f",
  "yes",
  "true",
  "<<",
  "? ",
  "---\n",
  "%YAML 1.1\n",
  "\u0000",
  "\ud800",
  "\ufeff",
  "softmax",
  "sigmoid",
  "polynomial",
  "__proto__",
  "constructor",
  "toString",
  "covariates",
  "mixed",
  "family",
);

test("character edits of a valid file never crash the parser", () => {
  const edit = fc.record({ at: fc.nat(validStudy.length), remove: fc.nat(12), insert: snippets });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let text = validStudy;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      expectSound(text);
    }),
    { seed, numRuns: 500 },
  );
});

const values = fc.oneof(
  { weight: 3, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 2000 }) },
  fc.constantFrom<unknown>(
    null,
    true,
    "",
    "softmax",
    "sigmoid",
    "linear",
    "mixed",
    "__proto__",
    1e6,
    1e-9,
    5e-324,
    -0,
  ),
  fc.array(fc.oneof(fc.double(), fc.integer({ min: 0, max: 9 })), { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 3 }),
);

test("replaced, added and removed values never crash the parser, and what it accepts fits the schema", () => {
  const change = fc.record({
    place: fc.nat(),
    how: fc.constantFrom("replace", "remove", "add"),
    key: fc.string(),
    value: values,
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), (changes, json) => {
      const study: unknown = parse(validStudy);
      for (const { place, how, key, value } of changes) {
        const slots = [...slotsOf(study)];
        const [owner, name] = slots[place % slots.length];
        if (how === "remove" && Array.isArray(owner)) owner.splice(Number(name), 1);
        else if (how === "remove") delete owner[name];
        else if (how === "add" && !Array.isArray(owner)) owner[key] = value;
        else owner[name] = value;
        if (slotsOf(study).next().done === true) return;
      }
      expectSound(json ? JSON.stringify(study) : stringify(study));
    }),
    { seed, numRuns: 500 },
  );
});

test("any override is applied or explained", () => {
  const keys = fc.constantFrom(
    "seed",
    "fit.box",
    "fit[0].box",
    "truth.atoms[1].a",
    "truth.atoms",
    "a..b",
    "",
    "__proto__.a",
    "design.sampleSizes.from",
  );
  const assignment = fc.oneof(
    fc.string(),
    fc
      .tuple(
        keys,
        fc.oneof(
          snippets,
          values.map((value) => JSON.stringify(value) ?? ""),
        ),
      )
      .map(([key, value]) => `${key}=${value}`),
  );
  fc.assert(
    fc.property(fc.array(assignment, { maxLength: 3 }), (overrides) => expectSound(validStudy, overrides)),
    { seed, numRuns: 300 },
  );
});

/** Every place of a value inside lists and mappings. */
function* slotsOf(value: unknown): Generator<[any, string]> {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    yield [value, key];
    yield* slotsOf((value as Record<string, unknown>)[key]);
  }
}
