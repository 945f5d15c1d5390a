import { describe, expect, it } from "vitest";
import type { MixingMeasure } from "@moe-rates/mixture";
import { voronoiLoss } from "../src/index.ts";
import { sigmoidMeasure, softmaxMeasure } from "./measures.ts";

const truth = softmaxMeasure([
  [0, [2, 0], [1, 1]],
  [0, [0, 0], [-1, 1]],
  [0, [0, 3], [0, -2]],
]);
const d1 = (fitted: MixingMeasure, reference = truth) => voronoiLoss("voronoi-d1", fitted, reference);

describe("voronoi-d1 in closed form", () => {
  it("counts one expert moved by e in an exact cell as w e", () => {
    const loss = d1(
      softmaxMeasure([
        [0, [2, 0], [1, 1.25]],
        [0, [0, 0], [-1, 1]],
        [0, [0, 3], [0, -2]],
      ]),
    );
    expect(loss.total).toBeCloseTo(0.25, 12);
    expect(loss.components).toMatchObject({ "exact-gate": 0, over: 0, mass: 0 });
    // The error of an exact cell is the mean over the three exact cells.
    expect(loss.components["exact-expert-error"]).toBeCloseTo(0.25 / 3, 12);
    expect(loss.components).not.toHaveProperty("over-gate-rms");
  });

  it("switches from e to e^2 when the cell holds two atoms, and reports rms and mean", () => {
    const half = -Math.LN2;
    const e = 0.1;
    const loss = d1(
      softmaxMeasure([
        [half, [2, 0], [1, 1 + e]],
        [half, [2, 0], [1, 1 - e]],
        [0, [0, 0], [-1, 1]],
        [0, [0, 3], [0, -2]],
      ]),
    );
    expect(loss.cellSizes).toEqual([2, 1, 1]);
    expect(Array.from(loss.cells)).toEqual([0, 0, 1, 2]);
    expect(loss.total).toBeCloseTo(e * e, 12);
    expect(loss.components["over-expert"]).toBeCloseTo(e * e, 12);
    expect(loss.components["over-expert-rms"]).toBeCloseTo(e, 12);
    expect(loss.components["over-expert-mean"]).toBeCloseTo(0, 12);
    expect(loss.components["over-gate-rms"]).toBeCloseTo(0, 12);
  });

  it("counts a wrong mass once, at the factor that fits the other cells", () => {
    const loss = d1(
      softmaxMeasure([
        [Math.log(1.5), [2, 0], [1, 1]],
        [0, [0, 0], [-1, 1]],
        [0, [0, 3], [0, -2]],
      ]),
    );
    expect(loss.total).toBeCloseTo(0.5, 12);
    expect(loss.components["mass"]).toBeCloseTo(0.5, 12);
    expect(loss.shift.t0).toBeCloseTo(0, 12);
  });

  it("counts an empty cell by its mass alone", () => {
    const loss = d1(
      softmaxMeasure([
        [0, [2, 0], [1, 1]],
        [0, [0, 0], [-1, 1]],
      ]),
    );
    expect(loss.cellSizes).toEqual([1, 1, 0]);
    expect(loss.total).toBeCloseTo(1, 12);
  });

  it("never lets the factor go to zero: a bad fit costs more than the sum of the true masses", () => {
    const loss = d1(
      softmaxMeasure([
        [0, [2, 0], [100, 1]],
        [0, [0, 0], [-100, 1]],
        [0, [0, 3], [0, -200]],
      ]),
    );
    expect(loss.total).toBeGreaterThan(100);
  });

  it("finds the translation of a fit whose last atom is pinned at zero", () => {
    const loss = d1(
      softmaxMeasure([
        [0.7, [2, -3], [1, 1]],
        [0.7, [0, -3], [-1, 1]],
        [0.7, [0, 0], [0, -2]],
      ]),
    );
    expect(loss.total).toBeLessThan(1e-12);
    expect(loss.shift.t0).toBeCloseTo(-0.7, 12);
    expect(loss.shift.t1[0]).toBeCloseTo(0, 12);
    expect(loss.shift.t1[1]).toBeCloseTo(3, 12);
    expect(loss.aligned.atoms[2]).toMatchObject({
      beta1: Float64Array.of(0, 3),
      eta: Float64Array.of(0, -2),
    });
  });

  it("assigns an atom half way between two true atoms to the lower one", () => {
    const pair = softmaxMeasure([
      [0, [0], [-1]],
      [0, [0], [1]],
    ]);
    expect(Array.from(d1(softmaxMeasure([[0, [0], [0]]]), pair).cells)).toEqual([0]);
  });

  it("handles one atom against one: only the expert can differ", () => {
    const one = softmaxMeasure([[0.3, [1, 2], [1]]]);
    const loss = d1(softmaxMeasure([[-5, [7, 7], [1.5]]]), one);
    expect(loss.total).toBeCloseTo(0.5 * Math.exp(0.3), 12);
    expect(loss.smallestMassShare).toBe(1);
  });
});

describe("atoms that coincide", () => {
  it("count as one, wherever the gauge puts them, and keep their own rows", () => {
    const rows = softmaxMeasure([
      [-1, [12, 10], [1, 1.25]],
      [-1, [12 + 1e-10, 10], [1, 1.25]],
      [0, [10, 10], [-1, 1]],
      [0, [10, 13], [0, -2]],
    ]);
    const loss = d1(rows);
    expect(loss.mergedAtoms).toBe(3);
    expect(loss.cellSizes).toEqual([1, 1, 1]);
    expect(Array.from(loss.cells)).toEqual([0, 0, 1, 2]);
    expect(loss.aligned.atoms).toHaveLength(4);
    expect(loss.components["over"]).toBe(0);
  });

  it("stay two when they are a millionth apart", () => {
    const loss = d1(
      softmaxMeasure([
        [-1, [2, 0], [1, 1]],
        [-1, [2, 1e-6], [1, 1]],
        [0, [0, 0], [-1, 1]],
        [0, [0, 3], [0, -2]],
      ]),
    );
    expect(loss.mergedAtoms).toBe(4);
    expect(loss.cellSizes).toEqual([2, 1, 1]);
  });
});

describe("extreme masses", () => {
  it("do not overflow at beta0 = 5000", () => {
    const loss = d1(
      softmaxMeasure([
        [5000, [2, 0], [1, 1.25]],
        [5000, [0, 0], [-1, 1]],
        [5000, [0, 3], [0, -2]],
      ]),
    );
    expect(loss.total).toBeCloseTo(0.25, 9);
    expect(loss.shift.t0).toBeCloseTo(-5000, 9);
    expect(loss.aligned.atoms[0].mass).toBeCloseTo(1, 9);
  });

  it("flag an atom that is all but dropped, and keep it in its cell", () => {
    const loss = d1(
      softmaxMeasure([
        [0, [2, 0], [1, 1]],
        [0, [0, 0], [-1, 1]],
        [0, [0, 3], [0, -2]],
        [-40, [9, 9], [9, 9]],
      ]),
    );
    expect(loss.smallestMassShare).toBeLessThan(1e-17);
    expect(loss.total).toBeLessThan(1e-12);
    expect(loss.cellSizes.reduce((a, b) => a + b)).toBe(4);
  });

  it("allow masses 2000 orders of e apart", () => {
    const loss = d1(
      softmaxMeasure([
        [0, [2, 0], [1, 1]],
        [2000, [0, 0], [-1, 1]],
        [-2000, [0, 3], [0, -2]],
      ]),
    );
    expect(loss.total).toBeCloseTo(2, 12);
    expect(loss.smallestMassShare).toBe(0);
  });
});

describe("voronoi-d1 of sigmoid measures", () => {
  const reference = sigmoidMeasure([
    [0.5, [0, 0], [1, 1]],
    [-0.5, [1, 2], [-1, 1]],
  ]);

  it("is zero on the truth and has no translation", () => {
    const loss = d1(reference, reference);
    expect(loss.total).toBe(0);
    expect([loss.shift.t0, ...loss.shift.t1]).toEqual([0, 0, 0]);
    expect(loss.aligned).toBe(reference);
    expect(
      d1(
        sigmoidMeasure([
          [0.5, [3, 0], [1, 1]],
          [-0.5, [4, 2], [-1, 1]],
        ]),
        reference,
      ).total,
    ).toBeGreaterThan(3);
  });

  it("counts gate, bias and expert of exact cells without weights, and no mass", () => {
    const loss = d1(
      sigmoidMeasure([
        [0.5, [0, 0], [1, 1]],
        [-0.3, [1, 2.5], [-1, 1.1]],
      ]),
      reference,
    );
    expect(loss.total).toBeCloseTo(0.5 + 0.2 + 0.1, 12);
    expect(loss.components["mass"]).toBe(0);
    expect(loss.components["exact-gate"]).toBeCloseTo(0.7, 12);
  });

  it("counts squares and the mass in over-specified cells", () => {
    const loss = d1(
      sigmoidMeasure([
        [0, [0, 0.1], [1, 1]],
        [0, [0, -0.1], [1, 1]],
        [-0.5, [1, 2], [-1, 1]],
      ]),
      reference,
    );
    expect(loss.components["over"]).toBeCloseTo(0.02, 12);
    expect(loss.components["mass"]).toBeCloseTo(1 - 1 / (1 + Math.exp(-0.5)), 12);
    expect(loss.components["over-gate-rms"]).toBeCloseTo(0.1, 12);
  });

  it("merges coincident atoms into the logit of their mass", () => {
    const quarter = Math.log(0.25 / 0.75);
    const half = sigmoidMeasure([
      [0, [0, 0], [1, 1]],
      [-0.5, [1, 2], [-1, 1]],
    ]);
    const loss = d1(
      sigmoidMeasure([
        [quarter, [0, 0], [1, 1]],
        [quarter, [0, 0], [1, 1]],
        [-0.5, [1, 2], [-1, 1]],
      ]),
      half,
    );
    expect(loss.mergedAtoms).toBe(2);
    expect(loss.total).toBeLessThan(1e-12);
  });

  it("counts an empty cell by its mass", () => {
    expect(d1(sigmoidMeasure([[0.5, [0, 0], [1, 1]]]), reference).total).toBeCloseTo(
      1 / (1 + Math.exp(0.5)),
      12,
    );
  });
});

describe("misuse", () => {
  it("is refused with what came", () => {
    expect(() => d1(sigmoidMeasure([[0, [0, 0], [1, 1]]]))).toThrow(
      'the fit has gauge "none", the truth "translation"',
    );
    expect(() => d1(softmaxMeasure([[0, [0], [1, 1]]]))).toThrow(
      "fitted atom 0 has 1 gate and 2 expert parameters; the first true atom has 2 and 2",
    );
    expect(() => d1(softmaxMeasure([]))).toThrow("at least one atom");
    expect(() => d1(softmaxMeasure([[0, [NaN, 0], [1, 1]]]))).toThrow(
      "fitted atom 0 has a parameter that is not finite",
    );
    expect(() => d1(softmaxMeasure([[-Infinity, [0, 0], [1, 1]]]))).toThrow("the fitted measure has no mass");
    expect(() => voronoiLoss("voronoi-d9" as "voronoi-d1", truth, truth)).toThrow(
      /unknown loss "voronoi-d9"; known: voronoi-d1, voronoi-d2:r, .*; did you mean voronoi-d1\?/u,
    );
    expect(() => voronoiLoss("components" as "voronoi-d1", truth, truth)).toThrow(
      "components is no Voronoi loss",
    );
  });
});
