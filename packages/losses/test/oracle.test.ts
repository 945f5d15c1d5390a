import { describe, expect, it } from "vitest";
import { voronoiLoss } from "../src/index.ts";
import { bruteForce, lossAt } from "./brute-force.ts";
import { randomPair, softmaxMeasure } from "./measures.ts";

const shapes = [
  { m: 2, k: 2, d: 1, q: 1 },
  { m: 2, k: 2, d: 2, q: 2 },
  { m: 2, k: 3, d: 2, q: 2 },
  { m: 3, k: 4, d: 1, q: 2 },
  { m: 3, k: 5, d: 2, q: 3 },
];

describe.each(shapes)("voronoi-d1 with k = $k, k* = $m, d = $d against brute force over t1", (shape) => {
  it("is never more than 1 % above the brute-force minimum for fits near the truth", () => {
    for (let key = 0; key < 25; key++) {
      for (const radius of [0.02, 0.15]) {
        const { fitted, truth } = randomPair(key, { ...shape, radius });
        expect(voronoiLoss("voronoi-d1", fitted, truth).total).toBeLessThanOrEqual(
          1.01 * bruteForce(fitted, truth, key),
        );
      }
    }
  });

  it("is at most twice the brute-force minimum for far fits, and always a value that the loss takes", () => {
    for (let key = 100; key < 110; key++) {
      const { fitted, truth } = randomPair(key, { ...shape, radius: 1.5 });
      const { total, shift } = voronoiLoss("voronoi-d1", fitted, truth);
      expect(total).toBeLessThanOrEqual(2 * bruteForce(fitted, truth, key));
      expect(total).toBeCloseTo(lossAt(fitted, truth, Array.from(shift.t1)), 10);
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
