import { shippedFamilies as families } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import {
  designPointsOf,
  designsOf,
  formatProblem,
  parseStudy,
  runReplicate,
  trueAtoms,
} from "../src/index.ts";

const valid = `name: two-levels
seed: 3
truth:
  gating: hierarchical
  expert: {family: ffn, activation: tanh}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  groups:
    - {a: [1, 0], b: 0.2, atoms: [{beta1: [1.5, -1], beta0: 0.4, eta: {a: [2, 1], b: 0.5}}, {beta1: [0, 0], beta0: 0, eta: {a: [-1, 2], b: -0.5}}]}
    - {a: [0, 0], b: 0, atoms: [{beta1: [1, 1], beta0: 0, eta: {a: [1, -2], b: 0}}, {beta1: [0, 0], beta0: 0, eta: {a: [-2, -1], b: 1}}]}
fit: {atoms: [2, 3], box: 10}
design: {sampleSizes: [400, 800, 1600], replicates: 4}
losses: [voronoi-d5, regression-l2]
`;

const parse = (text: string) => parseStudy(text, { fileName: "study.yaml", families });

function messagesOf(text: string, kind: "problems" | "warnings" = "problems"): string[] {
  const parsed = parse(text);
  if (parsed.ok) return kind === "warnings" ? parsed.warnings.map(formatProblem) : [];
  return parsed.problems.map(formatProblem);
}

function studyOf(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.study;
}

function changed(from: string, to: string): string {
  if (!valid.includes(from)) throw new Error(`the valid study has no "${from}"`);
  return valid.replace(from, to);
}

describe("a study with groups", () => {
  test("has the gates of the groups, and the atoms of all groups side by side", () => {
    const { truth, fits } = studyOf(valid);
    expect(truth.gating).toEqual({ family: "hierarchical", groups: 2 });
    expect(truth.groups).toEqual([
      { a: [1, 0], b: 0.2 },
      { a: [0, 0], b: 0 },
    ]);
    expect(truth.atoms).toHaveLength(4);
    expect(truth.atoms[0]).toEqual({ beta1: [1.5, -1], beta0: 0.4, a: [2, 1], b: 0.5 });
    expect(trueAtoms({ truth })).toBe(2);
    expect(fits.map(({ atoms, gating }) => [atoms, gating])).toEqual([
      [2, truth.gating],
      [3, truth.gating],
    ]);
  });

  test("has no warnings when theory's assumptions hold", () => {
    expect(messagesOf(valid, "warnings")).toEqual([]);
  });

  test("counts the atoms of a fit per group, against k* per group", () => {
    expect(messagesOf(changed("[2, 3]", "[1, 4]"), "warnings")).toEqual([
      expect.stringContaining("1 is less than the 2 true atoms"),
      expect.stringContaining("4 is more than 2k*-1 = 3"),
    ]);
  });

  test("gives a fit that names the gating the truth's number of groups", () => {
    const fit = "{atoms: 2, gating: hierarchical, expert: linear}";
    expect(studyOf(changed("{atoms: [2, 3], box: 10}", fit)).fits[0].gating).toEqual({
      family: "hierarchical",
      groups: 2,
    });
  });

  test("is another design when a group's gate changes", () => {
    const idsOf = (text: string) =>
      designsOf(studyOf(text), { engine: "fused-js", kernelHash: "k" }).map(({ id }) => id);
    expect(idsOf(changed("b: 0.2, atoms", "b: 0.3, atoms"))).not.toEqual(idsOf(valid));
  });
});

describe("what is wrong with groups", () => {
  test.for<[string, string, string]>([
    ["b: 0.2, atoms", "atoms", "truth.groups[0].b: is missing; expected a number"],
    ["a: [1, 0]", "a: [1]", "truth.groups[0].a: expected a list of 2 (the dimension of x), got a list of 1"],
    [
      "{a: [1, 0]",
      "{c: 1, a: [1, 0]",
      "truth.groups[0].c: unknown parameter; groups (besides atoms) have a, b",
    ],
    [
      "eta: {a: [2, 1], b: 0.5}",
      "eta: {a: [2, 1]}",
      "truth.groups[0].atoms[0].eta.b: is missing; expected a number",
    ],
    [
      "eta: {a: [2, 1], b: 0.5}",
      "a: [2, 1], b: 0.5",
      "truth.groups[0].atoms[0].eta: is missing; expected a mapping: expert parameters under the theory's names",
    ],
    [
      "eta: {a: [2, 1], b: 0.5}",
      "eta: {a: [2, 1], b: 0.5, lambda: 1}",
      "truth.groups[0].atoms[0].eta.lambda: unknown parameter; ffn experts have a, b",
    ],
    [
      ", {beta1: [0, 0], beta0: 0, eta: {a: [-2, -1], b: 1}}",
      "",
      "truth.groups[1].atoms: has 1, the first group 2; groups have equally many atoms",
    ],
    [
      "gating: hierarchical",
      "gating: {family: hierarchical, groups: 3}",
      "truth.gating.groups: is 3, but truth.groups lists 2; leave it out",
    ],
    [
      "gating: hierarchical",
      "gating: softmax",
      "truth.groups: is for hierarchical gating; softmax gating has atoms alone",
    ],
    [
      "  groups:",
      "  atoms:",
      "truth.groups: is missing; expected a list: true groups, one mapping each with a, b and atoms",
    ],
    ["box: 10", "box: 0.5", "fit.box: 0.5 excludes the truth (|a| = 2); use at least 2"],
  ])("%s -> %s", ([from, to, message]) => {
    expect(messagesOf(changed(from, to)).join("\n")).toContain(message);
  });

  test("a single group", () => {
    const [head, , ...tail] = valid.split("\n    - ");
    const one = `${head}\n    - ${tail.join("\n    - ")}`;
    expect(messagesOf(one).join("\n")).toContain("lists one group: that is softmax gating");
  });

  test("groups with one gate are a warning", () => {
    expect(messagesOf(changed("a: [1, 0]", "a: [0, 0]"), "warnings").join("\n")).toContain(
      "truth.groups: groups 0 and 1 have the same a; theory assumes distinct ones",
    );
  });

  test("a box around the gates of groups is about the difference to their mean", () => {
    const wide = changed("a: [1, 0]", "a: [30, 0]");
    expect(messagesOf(wide).join("\n")).toContain("10 excludes the truth (|a - mean group gate| = 15)");
  });
});

test("a replicate of a two-level study comes back with its groups, its losses and the same numbers again", () => {
  const study = studyOf(changed("box: 10", "box: 10, starts: {near-truth: {radius: 0.2, count: 2}}"));
  const [, design] = designsOf(study, { engine: "fused-js", kernelHash: "k" });
  const [designPoint] = designPointsOf([design], [400]);
  const run = () => runReplicate({ study, design, designPoint, replicate: 0 });
  const row = run();
  expect(row.failure).toBe(null);
  expect(row.sse!).toBeLessThan(row.sseTruth!);
  expect(row.theta).toHaveLength(6 * 6 + 2 * 3);
  expect(row.atoms.filter(({ parameter }) => parameter === "group").map(({ value }) => value)).toEqual([
    0, 0, 0, 1, 1, 1,
  ]);
  const components = row.losses.filter(({ loss }) => loss === "voronoi-d5").map(({ component }) => component);
  expect(components).toEqual(
    expect.arrayContaining(["total", "group-mass", "group-gate", "mass", "exact", "over"]),
  );
  expect(run()).toEqual(row);
});
