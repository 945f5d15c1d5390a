import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { compressTo, type CompressedData } from "../src/index.ts";

/** One set of cells. */
const compress = (x: Float64Array, y: Float64Array, scale: readonly number[], cells: number) =>
  compressTo(x, y, scale, [cells]).cells[0];

function observations(n: number, d: number, key: string) {
  const random = stream("compress", key);
  const x = Float64Array.from({ length: n * d }, () => random.normal());
  const y = Float64Array.from({ length: n }, (_, i) => Math.sin(2 * x[i]) + 0.1 * random.normal());
  return { x, y };
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

function rows({ x, y, weights }: CompressedData, d: number): number[][] {
  const m = y.length;
  const cells = Array.from(y, (mean, c) => [
    ...Array.from({ length: d }, (_, u) => x[u * m + c]),
    mean,
    weights[c],
  ]);
  return cells.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
}

describe("observations compressed to cells", () => {
  const n = 3000;
  const d = 2;
  const { x, y } = observations(n, d, "main");
  const cells = compress(x, y, [1, 1], 200);

  test("keep their number, mean and sum of y", () => {
    expect(sum(cells.weights)).toBe(n);
    expect(cells.y.reduce((total, mean, c) => total + mean * cells.weights[c], 0)).toBeCloseTo(sum(y), 9);
    for (let u = 0; u < d; u++) {
      const m = cells.y.length;
      const weighted = cells.weights.reduce((total, w, c) => total + w * cells.x[u * m + c], 0);
      expect(weighted).toBeCloseTo(sum(x.subarray(u * n, (u + 1) * n)), 9);
    }
  });

  test("come in about the number of cells asked for, of about equal size", () => {
    expect(cells.y.length).toBeGreaterThanOrEqual(200);
    expect(cells.y.length).toBeLessThanOrEqual(400);
    expect(Math.max(...cells.weights) / Math.min(...cells.weights)).toBeLessThanOrEqual(2);
  });

  test("split the sum of squares: around any cell-wise constant it is that of the cells plus the part within", () => {
    const random = stream("compress", "constants");
    const constant = Float64Array.from(cells.y, () => random.normal());
    const total = sum(y.map((value) => value * value));
    const between = cells.y.reduce((s, mean, c) => s + cells.weights[c] * mean * mean, 0);
    expect(between + cells.within).toBeCloseTo(total, 8);
    const shifted = cells.y.reduce((s, mean, c) => s + cells.weights[c] * (mean - constant[c]) ** 2, 0);
    const direct =
      total -
      2 * sum(cells.y.map((mean, c) => cells.weights[c] * mean * constant[c])) +
      sum(constant.map((v, c) => cells.weights[c] * v * v));
    expect(shifted + cells.within).toBeCloseTo(direct, 8);
  });

  test("nest: coarser cells are unions of finer ones, each as if made alone", () => {
    const [coarse, fine] = compressTo(x, y, [1, 1], [50, 200]).cells;
    expect(fine).toEqual(cells);
    expect(coarse.ends).toEqual(compress(x, y, [1, 1], 50).ends);
    for (const end of coarse.ends) expect(fine.ends).toContain(end);
  });

  test("come with the observations in their order, each once, and are the means of its pieces", () => {
    const sorted = compressTo(x, y, [1, 1], [200]);
    expect(Array.from(sorted.order).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: n }, (_, i) => i),
    );
    sorted.order.forEach((own, i) => {
      expect(sorted.y[i]).toBe(y[own]);
      for (let u = 0; u < d; u++) expect(sorted.x[u * n + i]).toBe(x[u * n + own]);
    });
    cells.ends.forEach((end, c) => {
      const from = c === 0 ? 0 : cells.ends[c - 1];
      expect(cells.weights[c]).toBe(end - from);
      expect(sum(sorted.y.subarray(from, end)) / (end - from)).toBeCloseTo(cells.y[c], 12);
    });
  });

  test("do not depend on the order of the observations", () => {
    const random = stream("compress", "order");
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    const again = compress(
      Float64Array.from({ length: n * d }, (_, at) => x[Math.floor(at / n) * n + order[at % n]]),
      Float64Array.from(order, (i) => y[i]),
      [1, 1],
      200,
    );
    expect(again.within).toBeCloseTo(cells.within, 9);
    const [left, right] = [rows(again, d), rows(cells, d)];
    expect(left.length).toBe(right.length);
    left.forEach((row, c) => row.forEach((value, at) => expect(value).toBeCloseTo(right[c][at], 10)));
  });

  test("change the sum of squares of a smooth function by second-order terms: quarter the error at four times the cells", () => {
    const error = (count: number): number => {
      const { x: cx, y: cy, weights, within } = compress(x, y, [1, 1], count);
      const compressed = within + sum(cy.map((mean, c) => weights[c] * (mean - Math.sin(2 * cx[c])) ** 2));
      const full = sum(y.map((value, i) => (value - Math.sin(2 * x[i])) ** 2));
      return Math.abs(compressed - full);
    };
    expect(error(750) / error(12)).toBeLessThan(0.1);
  });

  test("survive ties, constant columns and a single observation", () => {
    const tied = compress(
      new Float64Array(100).fill(2),
      Float64Array.from({ length: 100 }, (_, i) => i % 7),
      [1],
      10,
    );
    expect(sum(tied.weights)).toBe(100);
    expect(tied.x.every((value) => value === 2)).toBe(true);
    expect([...compress(Float64Array.of(1, 2), Float64Array.of(3), [1, 1], 5).weights]).toEqual([1]);
  });
});
