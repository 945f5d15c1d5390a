import { expect, test } from "vitest";
import { formatProblem, parseStudy } from "../src/index.ts";
import { families } from "./support/families.ts";

function problemsOf(text: string): string[] {
  const parsed = parseStudy(text, { fileName: "s.yaml", families });
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

test("malformed YAML is reported once per mistake, with its line and a hint", () => {
  expect(problemsOf("name: a\ntruth:\n  gating: softmax\n expert: linear\n  noise: 1\n")).toEqual([
    "s.yaml, line 4: not valid YAML: all mapping items must start at the same column; check that every bracket is closed and the lines are indented alike",
  ]);
  expect(problemsOf("name: a\ntruth:\n\tgating: softmax\n")[0]).toBe(
    "s.yaml, line 3: not valid YAML: tabs are not allowed as indentation; indent with spaces",
  );
  expect(problemsOf("name: @a\n")[0]).toMatch(
    /^s\.yaml, line 1: not valid YAML: .*; put the text in quotes$/,
  );
});

test("a second document, another YAML version and tags are refused", () => {
  expect(problemsOf("name: a\n---\nname: b\n")[0]).toBe(
    "s.yaml, line 2: not valid YAML: a second document starts here; keep one study per file",
  );
  expect(problemsOf("%YAML 1.1\n---\nname: a\n")).toEqual([
    "s.yaml, line 1: YAML 1.1 is not supported; study files are YAML 1.2",
  ]);
  expect(problemsOf("name: !!binary YWJj\n")).toContain(
    "s.yaml, line 1, name: carries a YAML tag; tags have no meaning in a study",
  );
});

test("aliases that multiply, loop or point nowhere are refused in little time", () => {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const inner = i === 0 ? "x" : `*l${i - 1}`;
    return `l${i}: &l${i} [${Array.from({ length: 9 }, () => inner).join(", ")}]`;
  });
  const started = performance.now();
  const bomb = problemsOf(levels.join("\n"));
  expect(performance.now() - started).toBeLessThan(1000);
  expect(
    bomb.some((line) => line.includes("a study file holds at most 100000 values, repeats included")),
  ).toBe(true);
  const many = `a: &a 1\nb: [${Array.from({ length: 150 }, () => "*a").join(", ")}]`;
  expect(problemsOf(many)).toContain(
    "s.yaml, line 2, b[100]: is one alias too many; a study file has at most 100",
  );
  expect(problemsOf("name: &a [*a]")).toContain(
    "s.yaml, line 1, name[0]: *a repeats nothing: no &a is complete before it",
  );
});

test("deep nesting and huge files are problems, not crashes", () => {
  expect(problemsOf("[".repeat(5000))).toEqual([
    "s.yaml, line 1: cannot be read: brackets or lists are nested too deeply",
  ]);
  expect(problemsOf(`name: ${"[".repeat(60)}${"]".repeat(60)}`).join("\n")).toMatch(
    /is nested more than 40 levels deep/,
  );
  expect(problemsOf(`# ${"x".repeat(1_000_000)}`)).toEqual([
    "s.yaml, line 1: has 1000002 characters; a study file has at most 1000000",
  ]);
});

test("keys that are no words are shown in quotes, and __proto__ is a key like any other", () => {
  expect(problemsOf("? [a]\n: 1\n")).toContain("s.yaml, line 1: has a key that is not a word");
  const keys = problemsOf('__proto__: {seed: 1}\nconstructor: 1\n"a.b\\n": 2\n').map(
    (line) => line.split(":")[0],
  );
  expect(keys).toEqual(expect.arrayContaining(["s.yaml, line 1, __proto__", 's.yaml, line 3, "a.b\\n"']));
  expect(keys).toContain("s.yaml, line 1, seed");
});
