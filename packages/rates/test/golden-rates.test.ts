import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rateTable, tQuantileRows, type LossRow, type RateRow, type TQuantileRow } from "../src/index.ts";

interface Golden {
  rows: LossRow[];
  rates: (Pick<RateRow, "design" | "statistic" | "fits" | "points" | "replicates"> &
    Record<"slope" | "intercept" | "standardError" | "r2", number> & { ci: [number, number] })[];
  quantiles: TQuantileRow[];
}

const golden = JSON.parse(readFileSync(new URL("fixtures/rates.json", import.meta.url), "utf8")) as Golden;

describe("golden fixtures from numpy and scipy", () => {
  const table = rateTable(golden.rows);

  it.each(golden.rates)("$design, $statistic, $fits", (expected) => {
    const row = table.find(
      ({ design, statistic, fits }) =>
        design === expected.design && statistic === expected.statistic && fits === expected.fits,
    )!;
    for (const key of ["slope", "intercept", "standardError", "r2"] as const) {
      expect(row[key], key).toBeCloseTo(expected[key], 11);
    }
    expect(row.ci![0]).toBeCloseTo(expected.ci[0], 11);
    expect(row.ci![1]).toBeCloseTo(expected.ci[1], 11);
    expect([row.points, row.replicates]).toEqual([expected.points, expected.replicates]);
  });

  it("t quantiles agree to 1e-11 relative", () => {
    const rows = tQuantileRows();
    for (const { df, p, t } of golden.quantiles) {
      const ours = rows.find((row) => row.df === df && row.p === p)!;
      expect(Math.abs(ours.t / t - 1), `df ${df}, p ${p}`).toBeLessThan(1e-11);
    }
  });
});
