import type { MixingMeasure } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { componentErrors, expertL2, softmaxForm, targetLoss, voronoiLoss } from "../src/index.ts";
import { randomPair, sigmoidMeasure, softmaxMeasure, type Row } from "./measures.ts";

/** Gates (beta1 . x + beta0) / tau: masses exp(beta0 / tau). */
function warm(temperature: number, rows: readonly Row[]): MixingMeasure {
  const { gauge, atoms } = softmaxMeasure(rows);
  return {
    gauge,
    temperature,
    atoms: atoms.map((atom) => ({ ...atom, mass: Math.exp(atom.beta0 / temperature) })),
  };
}

const truthRows: Row[] = [
  [0.4, [1, -0.7], [1.6, 0.8]],
  [0, [0, 0], [-0.8, 1.6]],
];

describe("dense-to-sparse measures", () => {
  const truth = warm(0.5, truthRows);

  it("do not converge in voronoi-d3 and voronoi-d4 along (beta1, beta0, tau) -> c (beta1, beta0, tau), and are equal in voronoi-d1", () => {
    const scaled = warm(
      0.6,
      truthRows.map(([beta0, beta1, eta]): Row => [1.2 * beta0, beta1.map((v) => 1.2 * v), eta]),
    );
    expect(voronoiLoss("voronoi-d1", scaled, truth).total).toBeLessThan(1e-12);
    expect(voronoiLoss("voronoi-d4", scaled, truth).total).toBeGreaterThan(0.1);
    expect(voronoiLoss("voronoi-d3:2", scaled, truth).total).toBeGreaterThan(0.01);
    const errors = componentErrors(scaled, truth);
    expect(errors["temperature-error"]).toBeCloseTo(0.1, 12);
    expect(errors["exact-gate-error"]).toBeGreaterThan(0.05);
    expect(errors["identified-exact-gate-error"]).toBeLessThan(1e-12);
    expect(errors["identified-exact-expert-error"]).toBeLessThan(1e-12);
    expect(errors["identified-exact-mass-error"]).toBeLessThan(1e-12);
  });

  it("have no part of the temperature in the gauge: a shift of beta0 by t0 is a factor exp(t0 / tau)", () => {
    const shifted = warm(
      0.5,
      truthRows.map(([beta0, beta1, eta]): Row => [beta0 + 3, beta1.map((v) => v - 2), eta]),
    );
    const { total, shift, aligned } = voronoiLoss("voronoi-d4", shifted, truth);
    expect(total).toBeLessThan(1e-12);
    expect(shift.t0).toBeCloseTo(-3, 10);
    expect(aligned.atoms[0].mass).toBeCloseTo(Math.exp(0.8), 10);
    expect(aligned.temperature).toBe(0.5);
  });

  it("count |tau - tau*| once with every exact atom, squared in over-specified cells, to the power r in voronoi-d3", () => {
    const masses = Math.exp(0.8) + 1;
    const keepMasses = (tau: number, rows: readonly Row[]) =>
      warm(
        tau,
        rows.map(([beta0, beta1, eta]): Row => [(beta0 * tau) / 0.5, beta1, eta]),
      );
    const warmer = voronoiLoss("voronoi-d4", keepMasses(0.6, truthRows), truth);
    expect(warmer.total).toBeCloseTo(0.1 * masses, 12);
    expect(warmer.components["exact-temperature"]).toBeCloseTo(0.1 * masses, 12);
    expect(voronoiLoss("voronoi-d3:3", keepMasses(0.6, truthRows), truth).total).toBeCloseTo(
      1e-3 * masses,
      12,
    );
    const [first, second] = truthRows;
    const half: Row = [first[0] - 0.5 * Math.LN2, first[1], [1.7, 0.8]];
    const other: Row = [half[0], first[1], [1.5, 0.8]];
    const split = voronoiLoss("voronoi-d4", keepMasses(0.6, [half, other, second]), truth);
    expect(split.components["over-temperature"]).toBeCloseTo(0.01 * Math.exp(0.8), 12);
    expect(split.components["exact-temperature"]).toBeCloseTo(0.1, 12);
    expect(split.total).toBeCloseTo(0.02 * Math.exp(0.8) + 0.1, 12);
  });

  it("with a router have an intercept alone to choose, and a softmax fit can be held against one without", () => {
    const routed = (measure: MixingMeasure): MixingMeasure => ({ ...measure, gauge: "intercept" });
    const moved = warm(
      0.5,
      truthRows.map(([beta0, beta1, eta]): Row => [beta0 + 1, beta1.map((v) => v + 0.1), eta]),
    );
    const { shift, total } = voronoiLoss("voronoi-d4", routed(moved), routed(truth));
    expect(Array.from(shift.t1)).toEqual([0, 0]);
    expect(shift.t0).toBeCloseTo(-1, 12);
    expect(total).toBeCloseTo(Math.SQRT2 * 0.1 * (Math.exp(0.8) + 1), 12);
    expect(voronoiLoss("voronoi-d1", routed(moved), routed(truth)).total).toBeCloseTo(total, 12);
    expect(componentErrors(routed(moved), routed(truth))).not.toHaveProperty("identified-exact-gate-error");
    expect(voronoiLoss("voronoi-d1", softmaxForm(truth), truth).total).toBeLessThan(1e-12);
    expect(() => voronoiLoss("voronoi-d4", softmaxForm(truth), truth)).toThrow(
      "voronoi-d4 does not compare softmax measures, as the fitted one is; it compares dense-to-sparse",
    );
  });
});

describe("orders r", () => {
  const truth = softmaxMeasure(truthRows);
  const [first, second] = truthRows;
  const moved = softmaxMeasure([[first[0], first[1], [1.6, 0.8 + 0.2]], second]);

  it("of one error e in one cell give w e^r, slope and intercept apart", () => {
    const w = Math.exp(0.4);
    for (const r of [1, 2, 3, 4.5] as const) {
      const loss = voronoiLoss(`voronoi-d2:${r}`, moved, truth);
      expect(loss.total / (w * 0.2 ** r)).toBeCloseTo(1, 9);
    }
    const both = softmaxMeasure([[first[0], first[1], [1.6 + 0.3, 0.8 + 0.4]], second]);
    expect(voronoiLoss("voronoi-d2:2", both, truth, [1, 1]).total).toBeCloseTo(w * (0.09 + 0.16), 10);
    expect(voronoiLoss("voronoi-d2:1", both, truth, [1, 1]).total).toBeCloseTo(w * 0.7, 10);
    expect(voronoiLoss("voronoi-d2:1", both, truth, [2]).total).toBeCloseTo(w * 0.5, 10);
    expect(() => voronoiLoss("voronoi-d2:1", both, truth, [1])).toThrow(
      "the expert blocks hold 1 parameters",
    );
  });

  it("of 1 agree with voronoi-d1 while every cell is exact, and fall with r where errors are below one", () => {
    for (let key = 0; key < 10; key++) {
      const pair = randomPair(key, { m: 3, k: 3, d: 2, q: 2, radius: 0.02 });
      const totals = ([1, 1.5, 2, 3, 6] as const).map((r) => {
        const { total, components } = voronoiLoss(`voronoi-d2:${r}`, pair.fitted, pair.truth);
        return total - components.mass;
      });
      expect(voronoiLoss("voronoi-d2:1", pair.fitted, pair.truth).total).toBeCloseTo(
        voronoiLoss("voronoi-d1", pair.fitted, pair.truth).total,
        10,
      );
      for (let i = 1; i < totals.length; i++) expect(totals[i]).toBeLessThan(totals[i - 1]);
    }
  });

  it("of 2 agree with voronoi-d1 where every cell holds two atoms", () => {
    const split = softmaxMeasure(
      truthRows.flatMap(([beta0, beta1, eta]): Row[] =>
        [0.1, -0.1].map((e): Row => [beta0 - Math.LN2, [beta1[0] + e, beta1[1]], [eta[0] - e, eta[1]]]),
      ),
    );
    expect(voronoiLoss("voronoi-d2:2", split, truth).total).toBeCloseTo(
      voronoiLoss("voronoi-d1", split, truth).total,
      12,
    );
  });
});

describe("sigmoid orders", () => {
  const truth = sigmoidMeasure([
    [0.5, [0, 0], [1, 1]],
    [-0.5, [1, 2], [-1, 1]],
  ]);
  const fitted = sigmoidMeasure([
    [0, [0, 0.1], [1, 1]],
    [0, [0, -0.1], [1, 1.2]],
    [-0.3, [1, 2.5], [-1, 1.1]],
  ]);

  it("raise every norm to r, weigh nothing, and count masses where cells are not exact", () => {
    const mass = 1 - 1 / (1 + Math.exp(-0.5));
    const expected = (r: number) => mass + 2 * 0.1 ** r + 0.2 ** r + 0.2 ** r + 0.5 ** r + 0.1 ** r;
    for (const r of [1, 2, 3] as const)
      expect(voronoiLoss(`sigmoid-d2:${r}`, fitted, truth, [1, 1]).total).toBeCloseTo(expected(r), 12);
    expect(voronoiLoss("sigmoid-d1", fitted, truth)).toEqual(voronoiLoss("voronoi-d1", fitted, truth));
  });

  it("of targets take the nearest of them, and no weights", () => {
    const far = sigmoidMeasure([[3, [3, 3], [3, 3]]]);
    const { total, components, target } = targetLoss(fitted, [far, truth]);
    expect(target).toBe(1);
    expect(components.gate).toBeCloseTo(0.5 + 0.1 + 0.5 + 0.1 + 0.2 + 0.5, 12);
    expect(components.expert).toBeCloseTo(0.2 + 0.1, 12);
    expect(total).toBeCloseTo(components.gate + components.expert, 14);
    expect(targetLoss(truth, [truth, far]).total).toBe(0);
    expect(() => targetLoss(fitted, [])).toThrow("at least one target");
    expect(() => targetLoss(softmaxMeasure(truthRows), [softmaxMeasure(truthRows)])).toThrow("sigmoid gates");
  });
});

describe("top-k-d1", () => {
  const rows: Row[] = [
    [0, [2, 0], [1, 1]],
    [0, [0, 0], [-1, 1]],
    [0, [0, 3], [0, -2]],
  ];
  const active = (measure: MixingMeasure, activeAtoms: number): MixingMeasure => ({
    ...measure,
    activeAtoms,
  });
  const fitted = softmaxMeasure([
    [0, [2, 0], [1, 1.3]],
    [0, [0, 0], [-1, 1.2]],
    [0, [0, 3], [0, -1.9]],
  ]);

  it("counts the K cells with the largest parts", () => {
    const totals = [1, 2, 3].map((k) =>
      voronoiLoss("top-k-d1", active(fitted, k), active(softmaxMeasure(rows), k)),
    );
    expect(totals[2].total).toBeCloseTo(voronoiLoss("voronoi-d1", fitted, softmaxMeasure(rows)).total, 3);
    expect(totals[0].total).toBeLessThanOrEqual(0.3 * (1 + 1e-6));
    expect(totals[1].total).toBeLessThanOrEqual(0.5 * (1 + 1e-6));
    expect(totals[0].total).toBeLessThan(totals[1].total);
    expect(totals[1].total).toBeLessThan(totals[2].total);
    for (const { total, components } of totals)
      expect(total).toBeCloseTo(components.mass + components.exact + components.over, 12);
  });

  it("is zero on the truth in any gauge", () => {
    const moved = softmaxMeasure(
      rows.map(([beta0, beta1, eta]): Row => [beta0 + 2, [beta1[0] - 5, beta1[1] + 7], eta]),
    );
    expect(voronoiLoss("top-k-d1", active(moved, 2), active(softmaxMeasure(rows), 2)).total).toBeLessThan(
      1e-10,
    );
  });
});

describe("expertL2", () => {
  const truth = [Float64Array.of(1, 1, 1, 1), Float64Array.of(0, 0, 0, 0)];
  const measure = softmaxMeasure([
    [Math.log(3), [5], [1]],
    [0, [1], [2]],
    [Math.log(2), [0], [3]],
  ]);
  const experts = [
    Float64Array.of(1.1, 1.1, 1.1, 1.1),
    Float64Array.of(0.7, 0.7, 0.7, 0.7),
    Float64Array.of(0.2, -0.2, 0.2, -0.2),
  ];

  it("assigns experts to the nearest function, weighs them by mass, and needs no gauge", () => {
    const { total, components, cells } = expertL2({ measure, experts }, truth);
    expect(Array.from(cells)).toEqual([0, 0, 1]);
    expect(components["exact-expert-error"]).toBeCloseTo(0.2, 12);
    expect(components["over-expert-rms"]).toBeCloseTo(Math.sqrt((3 * 0.01 + 0.09) / 4), 12);
    expect(components["over-expert-mean"]).toBeCloseTo(0, 12);
    expect(total).toBeCloseTo(Math.sqrt((3 * 0.01 + 0.09 + 2 * 0.04) / 6), 12);
    const heavy = {
      ...measure,
      atoms: measure.atoms.map((atom) => ({ ...atom, beta0: atom.beta0 + 900, mass: Infinity })),
    };
    expect(expertL2({ measure: heavy, experts }, truth).total).toBeCloseTo(total, 12);
  });

  it("takes coincident atoms for one, and shares of groups times the group's mass", () => {
    const twice = softmaxMeasure([
      [0, [1], [2]],
      [1, [1], [2]],
      [0, [0], [3]],
    ]);
    const same = [experts[0], experts[0], experts[2]];
    expect(expertL2({ measure: twice, experts: same }, truth).components).toEqual({
      "exact-expert-error": expect.closeTo(0.15, 12),
    });
    const group = (b: number, atoms: MixingMeasure["atoms"]) => ({
      mass: Math.exp(b),
      b,
      a: Float64Array.of(0),
      atoms,
    });
    const [first, second, third] = measure.atoms;
    const groups = [group(Math.log(2), [first, second]), group(0, [third])];
    const two: MixingMeasure = { gauge: "translation", groups, atoms: measure.atoms };
    const shares = [2 * 0.75, 2 * 0.25, 1];
    expect(expertL2({ measure: two, experts }, truth).total).toBeCloseTo(
      Math.sqrt((shares[0] * 0.01 + shares[1] * 0.09 + shares[2] * 0.04) / 3),
      12,
    );
    expect(() => expertL2({ measure, experts: same.slice(1) }, truth)).toThrow("2 experts came for 3 atoms");
  });
});

describe("component errors", () => {
  it("of softmax measures are those of voronoi-d1 and the errors of masses by kind of cell", () => {
    const { fitted, truth } = randomPair(3, { m: 2, k: 3, d: 2, q: 2, radius: 0.1 });
    const errors = componentErrors(fitted, truth);
    const { components } = voronoiLoss("voronoi-d1", fitted, truth);
    const shared = Object.keys(errors).filter((name) => !name.endsWith("mass-error"));
    expect(shared.length).toBeGreaterThan(3);
    for (const name of shared) expect(errors[name]).toBe(components[name]);
    expect((errors["exact-mass-error"] ?? 0) + (errors["over-mass-error"] ?? 0)).toBeCloseTo(
      components.mass,
      12,
    );
    expect(components).not.toHaveProperty("exact-mass-error");
  });
});
