import { describe, expect, it } from "vitest";
import { lossFamilies, lossNamed, lossNames, measureKind, ownLoss, readLoss } from "../src/index.ts";
import { softmaxMeasure } from "./measures.ts";

const problem = (name: string): string => {
  const read = readLoss(name);
  return "problem" in read ? read.problem : "none";
};

describe("names of losses", () => {
  it("carry their order after a colon", () => {
    expect(readLoss("voronoi-d2:3")).toEqual({ family: "voronoi-d2", order: 3 });
    expect(readLoss("wasserstein:1.5")).toEqual({ family: "wasserstein", order: 1.5 });
    expect(readLoss("voronoi-d1")).toEqual({ family: "voronoi-d1", order: 1 });
    expect(lossNames).toContain("voronoi-d6:r");
    expect(lossNames).toHaveLength(Object.keys(lossFamilies).length);
  });

  it("are refused with what is allowed", () => {
    expect(problem("voronoi-d7")).toMatch(
      /^unknown loss "voronoi-d7"; known: voronoi-d1, .*; did you mean voronoi-d1\?$/u,
    );
    expect(problem("toString")).toMatch(/^unknown loss "toString"/u);
    expect(problem("voronoi-d1:2")).toBe("voronoi-d1 has no order; write voronoi-d1");
    const needs = (name: string) =>
      `"${name}" needs an order from 1 to 20 after a colon, for example voronoi-d2:2`;
    for (const name of [
      "voronoi-d2",
      "voronoi-d2:",
      "voronoi-d2:0.5",
      "voronoi-d2:21",
      "voronoi-d2:two",
      "voronoi-d2:2:3",
    ])
      expect(problem(name)).toBe(needs(name));
    expect(problem("voronoi-d2:2.0")).toBe('write "voronoi-d2:2.0" as voronoi-d2:2');
    expect(() => lossNamed("voronoi-d2")).toThrow("needs an order");
  });
});

describe("the kind of a measure", () => {
  it("follows from what it carries, and so does its own loss", () => {
    const measure = softmaxMeasure([[0, [1], [1]]]);
    const kinds = [
      measure,
      { ...measure, activeAtoms: 1 },
      { ...measure, temperature: 1 },
      { ...measure, gauge: "intercept" as const, temperature: 1 },
      { ...measure, gauge: "intercept" as const },
      { ...measure, groups: [] },
      { ...measure, gauge: "none" as const },
    ].map(measureKind);
    expect(kinds).toEqual([
      "softmax",
      "top-k",
      "dense-to-sparse",
      "dense-to-sparse",
      "laplace",
      "hierarchical",
      "sigmoid",
    ]);
    expect(kinds.map(ownLoss)).toEqual([
      "voronoi-d1",
      "voronoi-d1",
      "voronoi-d4",
      "voronoi-d4",
      "voronoi-d1",
      "voronoi-d5",
      "voronoi-d1",
    ]);
  });
});
