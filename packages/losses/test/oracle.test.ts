import { describe, expect, it } from "vitest";
import { voronoiLoss } from "../src/index.ts";
import { bruteForce, lossAt } from "./brute-force.ts";
import { randomPair, softmaxMeasure, type Row } from "./measures.ts";

const shapes = [
  { m: 2, k: 2, d: 1, q: 1 },
  { m: 2, k: 2, d: 2, q: 2 },
  { m: 2, k: 3, d: 2, q: 2 },
  { m: 3, k: 4, d: 1, q: 2 },
  { m: 3, k: 5, d: 2, q: 3 },
];

describe.each(shapes)("voronoi-d1 with k = $k, k* = $m, d = $d", (shape) => {
  it.each([
    ["near the truth", 0.02],
    ["in between", 0.2],
    ["far from it", 1.5],
  ])("is at most 1.01 times the brute force over t1 for fits %s", (_, radius) => {
    for (let key = 0; key < 6; key++) {
      const { fitted, truth } = randomPair(key, { ...shape, radius });
      const { total, shift } = voronoiLoss("voronoi-d1", fitted, truth);
      expect(total).toBeLessThanOrEqual(1.01 * bruteForce(fitted, truth, key));
      expect(Math.abs(total - lossAt(fitted, truth, Array.from(shift.t1)))).toBeLessThan(1e-9 * (1 + total));
    }
  });
});

describe("voronoi-d1 of a near fit with a light atom far away", () => {
  it("is never more than 1 % above brute force, although the far atom's cell changes along the way", () => {
    for (let key = 0; key < 20; key++) {
      const { fitted, truth, random } = randomPair(key, { m: 2, k: 2, d: 2, q: 2, radius: 0.05 });
      const spare: Row = [
        -4 * random.uniform(),
        [4 * random.normal(), 4 * random.normal()],
        [3 * random.normal(), 3 * random.normal()],
      ];
      const three = { ...fitted, atoms: [...fitted.atoms, ...softmaxMeasure([spare]).atoms] };
      expect(voronoiLoss("voronoi-d1", three, truth).total).toBeLessThanOrEqual(
        1.01 * bruteForce(three, truth, key),
      );
    }
  });
});

describe("voronoi-d1 in one dimension", () => {
  it("equals the minimum over a fine grid of t1", () => {
    const truth = softmaxMeasure([
      [0.4, [1], [2, 1]],
      [0, [0], [-1, 2]],
    ]);
    const fitted = softmaxMeasure([
      [2.2, [3.1], [2.1, 1]],
      [1.1, [1.9], [-1, 1.8]],
      [0.9, [2.3], [-1.2, 2.1]],
    ]);
    let smallest = Infinity;
    for (let t1 = -6; t1 < 6; t1 += 1e-4) smallest = Math.min(smallest, lossAt(fitted, truth, [t1]));
    const { total } = voronoiLoss("voronoi-d1", fitted, truth);
    expect(total).toBeLessThanOrEqual(smallest + 1e-12);
    expect(total).toBeGreaterThan(smallest - 1e-3);
  });
});
