import { describe, expect, it } from "vitest";
import { haltonPoint, stream } from "../src/index.ts";

/** Warnock's formula of the L2-star discrepancy, n points x d row-major. */
function starDiscrepancy(points: Float64Array, n: number, d: number): number {
  let single = 0;
  let pairs = 0;
  for (let i = 0; i < n; i++) {
    let product = 1;
    for (let k = 0; k < d; k++) product *= 1 - points[i * d + k] ** 2;
    single += product;
    for (let j = 0; j < n; j++) {
      let pair = 1;
      for (let k = 0; k < d; k++) pair *= 1 - Math.max(points[i * d + k], points[j * d + k]);
      pairs += pair;
    }
  }
  return Math.sqrt(Math.max(0, 3 ** -d - (2 ** (1 - d) / n) * single + pairs / n ** 2));
}

function haltonPoints(n: number, d: number): Float64Array {
  const points = new Float64Array(n * d);
  for (let i = 0; i < n; i++) haltonPoint(i, d, points.subarray(i * d, (i + 1) * d));
  return points;
}

describe("haltonPoint", () => {
  it("gives the same points for ever, whatever was asked before", () => {
    expect(Array.from(haltonPoint(0, 3))).toMatchInlineSnapshot(`
      [
        0.15481768376598137,
        0.27793783965130875,
        0.6562856124523608,
      ]
    `);
    expect(Array.from(haltonPoint(0, 40).subarray(0, 3))).toEqual(Array.from(haltonPoint(0, 3)));
  });

  it("puts one point into every interval of length b^-m, in base b, of any b^m consecutive aligned indices", () => {
    for (const [coordinate, base, count] of [
      [0, 2, 1024],
      [1, 3, 729],
      [2, 5, 625],
    ]) {
      const hit = new Set<number>();
      for (let i = count; i < 2 * count; i++) hit.add(Math.floor(haltonPoint(i, 3)[coordinate] * count));
      expect(hit.size, `base ${base}`).toBe(count);
    }
  });

  it("stays inside the open cube", () => {
    for (const value of haltonPoints(2000, 32)) expect(value > 0 && value < 1).toBe(true);
  });

  it("covers the square at least four times as evenly as random points", () => {
    const n = 1000;
    const random = new Float64Array(2 * n);
    stream("random points").fillUniform(random, 0, 2 * n);
    expect(starDiscrepancy(haltonPoints(n, 2), n, 2)).toBeLessThan(starDiscrepancy(random, n, 2) / 4);
  });

  it("leaves no correlation between high coordinates (4 standard errors of independent points)", () => {
    const n = 2000;
    const d = 32;
    const points = haltonPoints(n, d);
    for (let k = 0; k + 1 < d; k++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (points[i * d + k] - 0.5) * (points[i * d + k + 1] - 0.5);
      expect(Math.abs(12 * sum) / Math.sqrt(n), `coordinates ${k} and ${k + 1}`).toBeLessThan(4);
    }
  });

  it("refuses a negative index and dimension 0", () => {
    expect(() => haltonPoint(-1, 2)).toThrow(RangeError);
    expect(() => haltonPoint(0, 0)).toThrow(RangeError);
  });
});
