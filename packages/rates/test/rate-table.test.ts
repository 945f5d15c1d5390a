import { stream } from "@moe-rates/math";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jackknifeStandardError, localSlopes, rateTable, type LossRow, type RateRow } from "../src/index.ts";

const sizes = [1000, 2000, 4000, 8000, 16_000];

function row(n: number, replicate: number, value: number | null, certified = true): LossRow {
  return { design: "d", k: 2, n, replicate, certified, loss: "voronoi-d1", component: "total", value };
}

function table(valueOf: (n: number, replicate: number) => number | null, replicates = 4): LossRow[] {
  return sizes.flatMap((n) => Array.from({ length: replicates }, (_, r) => row(n, r, valueOf(n, r))));
}

function series(rows: readonly LossRow[], statistic = "mean", fits = "all"): RateRow {
  return rateTable(rows).find((rate) => rate.statistic === statistic && rate.fits === fits)!;
}

describe("rateTable", () => {
  it.each([0.5, 0.25, 1 / 12])(
    "gives back the exponent of a pure power law n^-%f with no error",
    (exponent) => {
      for (const rate of rateTable(table((n, r) => (r + 1) * n ** -exponent))) {
        expect(rate.slope).toBeCloseTo(-exponent, 12);
        expect(rate.standardError).toBeCloseTo(0, 12);
        expect(rate.r2).toBeCloseTo(1, 12);
      }
    },
  );

  it("finds a noisy power law within four standard errors", () => {
    const noise = stream("rates", "noisy power law");
    const rows = table((n) => n ** -0.5 * Math.exp(0.5 * noise.normal()), 40);
    for (const { slope, standardError } of rateTable(rows)) {
      expect(Math.abs(slope! + 0.5)).toBeLessThan(4 * standardError!);
    }
    expect(series(rows, "mean").standardError).toBeLessThan(0.06);
  });

  it("weighs each size by its number of replicates", () => {
    const heights = [1, 0.5, 0.3];
    const counts = [1, 2, 5];
    const rows = heights.flatMap((height, i) =>
      Array.from({ length: counts[i] }, (_, r) => row(10 ** i, r, height)),
    );
    const x = [0, Math.log(10), Math.log(100)];
    const y = heights.map(Math.log);
    const mean = (v: number[]): number => v.reduce((sum, value, i) => sum + counts[i] * value, 0) / 8;
    const products = x.map((xi, i) => (xi - mean(x)) * (y[i] - mean(y)));
    const squares = x.map((xi) => (xi - mean(x)) ** 2);
    expect(series(rows).slope).toBeCloseTo(mean(products) / mean(squares), 12);
  });

  it("has the jackknife error of slopes recomputed from the rows that remain without each replicate", () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: 1e-4, max: 1e4, noNaN: true }) },
      fc.constant(0),
    );
    const cells = fc.array(fc.record({ value, certified: fc.boolean(), here: fc.boolean() }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(cells, (cells) => {
        const rows = cells.flatMap((cell, i) =>
          cell.here ? [row(sizes[i % 4], Math.floor(i / 4), cell.value, cell.certified)] : [],
        );
        for (const rate of rateTable(rows)) {
          const used = rows.filter(({ certified }) => rate.fits === "all" || certified);
          const deleted = [...new Set(used.map(({ replicate }) => replicate))].map((replicate) => {
            const rest = rows.filter((row) => row.replicate !== replicate);
            return rest.length === 0 ? null : series(rest, rate.statistic, rate.fits).slope;
          });
          const expected = rate.slope === null ? null : jackknifeStandardError(deleted);
          if (expected === null) expect(rate.standardError).toBeNull();
          else expect(rate.standardError).toBeCloseTo(expected, 10);
        }
      }),
      { seed: 12, numRuns: 200 },
    );
  });

  it("does not depend on the order of the rows", () => {
    const rows = table((n, r) => (r + 1 + (n % 7)) / n, 5);
    expect(rateTable([...rows].reverse())).toEqual(rateTable(rows));
  });

  it("uses zeros in the mean, and leaves out and counts sizes whose statistic is zero", () => {
    const rows = table((n, r) => (n === 1000 && r < 3 ? 0 : 1 / n));
    expect(series(rows, "mean")).toMatchObject({ points: 5, sizes: 5, zeros: 3 });
    expect(series(rows, "median")).toMatchObject({ points: 4, sizes: 5, zeros: 3 });
    expect(series(rows, "median").slope).toBeCloseTo(-1, 12);
  });

  it("leaves out and counts negative, infinite, NaN and null values", () => {
    const broken = [-1, Infinity, NaN, null];
    const rows = table((n, r) => (n === 4000 ? broken[r] : 1 / n));
    expect(series(rows)).toMatchObject({ points: 4, sizes: 5, invalid: 4, missing: 0, replicates: 4 });
    expect(series(rows).slope).toBeCloseTo(-1, 12);
  });

  it("counts pairs of size and replicate that have no row or are not certified", () => {
    const rows = table((n) => 1 / n)
      .filter(({ n, replicate }) => !(n === 1000 && replicate === 3))
      .map((row) => ({ ...row, certified: row.replicate > 0 }));
    expect(series(rows).missing).toBe(1);
    expect(series(rows, "mean", "certified")).toMatchObject({ missing: 6, replicates: 3 });
  });

  it("says null where there is nothing to say: one size, one replicate, none certified", () => {
    const none = { slope: null, standardError: null, ci: null, r2: null };
    expect(series([row(1000, 0, 1), row(1000, 1, 2)])).toMatchObject({ ...none, points: 1, replicates: 2 });
    expect(series(table((n) => 1 / n, 1))).toMatchObject({ standardError: null, ci: null, replicates: 1 });
    expect(series([row(1000, 0, 1, false)], "mean", "certified")).toMatchObject({
      ...none,
      points: 0,
      sizes: 1,
    });
  });

  it("has no standard error when the slope hangs on a single replicate", () => {
    const rows = [row(1000, 0, 1), row(1000, 1, 1.1), row(2000, 0, 0.5)];
    expect(series(rows)).toMatchObject({ points: 2, replicates: 2, standardError: null, ci: null });
  });

  it("has no R2 for a constant loss", () => {
    expect(series(table(() => 0.3))).toMatchObject({ slope: 0, r2: null });
  });

  it("refuses a replicate that occurs twice at one size, and a sample size that is not positive", () => {
    expect(() => rateTable([row(1000, 7, 1), row(1000, 7, 2)])).toThrow(
      "replicate 7 at n = 1000 occurs twice",
    );
    expect(() => rateTable([row(0, 0, 1)])).toThrow("it must be a positive number");
  });
});

describe("localSlopes", () => {
  it("are all equal for a power law and do not bridge a size without a logarithm", () => {
    const rows = table((n, r) => (n === 4000 ? 0 : (r + 1) * n ** -0.5));
    const slopes = localSlopes(rows).filter(({ statistic, fits }) => statistic === "mean" && fits === "all");
    expect(slopes.map(({ fromN, toN }) => [fromN, toN])).toEqual([
      [1000, 2000],
      [8000, 16_000],
    ]);
    for (const { slope } of slopes) expect(slope).toBeCloseTo(-0.5, 12);
  });

  it("drift where the loss has a plateau", () => {
    const slopes = localSlopes(table((n) => 0.01 + 1 / n)).filter(({ statistic }) => statistic === "median");
    expect(slopes[0].slope).toBeLessThan(slopes[3].slope);
  });
});
