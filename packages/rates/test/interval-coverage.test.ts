import { stream } from "@moe-rates/math";
import { describe, expect, it } from "vitest";
import { lossSeries, rateOf, tabulatedTQuantile, type LossRow, type LossSeries } from "../src/index.ts";

const sizes = Array.from({ length: 13 }, (_, i) => Math.round(1000 * 10 ** (i / 4)));
const replicates = 40;
const dataSets = 400;

/** Losses |W(n)| / n of a four-dimensional Brownian motion W: exactly n^-1/2 in law; nested sizes share their draws. */
function makeRows(dataSet: number, nested: boolean): LossRow[] {
  const draws = stream("rates", "coverage", nested ? "nested" : "independent", dataSet);
  const rows: LossRow[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const sum = [0, 0, 0, 0];
    let before = 0;
    for (const n of sizes) {
      if (!nested) sum.fill(0);
      const sd = Math.sqrt(nested ? n - before : n);
      for (let i = 0; i < 4; i++) sum[i] += sd * draws.normal();
      before = n;
      rows.push({
        design: "d",
        k: 1,
        n,
        replicate,
        certified: true,
        loss: "distance",
        component: "total",
        value: Math.hypot(...sum) / n,
      });
    }
  }
  return rows;
}

/** The planted error: sizes taken as independent, so that the variances of the points simply add up. */
function independentSizesError({ points }: LossSeries): number {
  const x = points.map(({ n }) => Math.log(n));
  const centre = x.reduce((sum, value) => sum + value, 0) / x.length;
  const sxx = x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const variance = points.map(({ without }) => {
    const logs = [...without.values()].map((log) => log!);
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    return ((logs.length - 1) / logs.length) * logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  });
  return Math.sqrt(variance.reduce((sum, v, i) => sum + v * ((x[i] - centre) / sxx) ** 2, 0));
}

function coverage(nested: boolean): Record<"mean" | "median" | "planted", number> {
  const hits = { mean: 0, median: 0, planted: 0 };
  const t = tabulatedTQuantile(0.975, replicates - 1)!;
  for (let dataSet = 0; dataSet < dataSets; dataSet++) {
    for (const series of lossSeries(makeRows(dataSet, nested))) {
      if (series.fits !== "all") continue;
      const { slope, ci } = rateOf(series);
      if (ci![0] <= -0.5 && -0.5 <= ci![1]) hits[series.statistic]++;
      if (series.statistic === "mean" && Math.abs(slope! + 0.5) <= t * independentSizesError(series))
        hits.planted++;
    }
  }
  return { mean: hits.mean / dataSets, median: hits.median / dataSets, planted: hits.planted / dataSets };
}

describe("95 % intervals over 400 data sets of 13 sizes x 40 replicates (standard error of a coverage: 1.1 %)", () => {
  it("cover the true slope when sizes share draws; treating sizes as independent does not", () => {
    const shares = coverage(true);
    expect(shares.mean).toBeGreaterThan(0.92);
    expect(shares.mean).toBeLessThan(0.98);
    expect(shares.median).toBeGreaterThan(0.89);
    expect(shares.median).toBeLessThan(0.985);
    expect(shares.planted).toBeLessThan(0.89);
  }, 60_000);

  it("cover the true slope when sizes are independent", () => {
    const shares = coverage(false);
    expect(shares.mean).toBeGreaterThan(0.92);
    expect(shares.mean).toBeLessThan(0.98);
    expect(shares.median).toBeGreaterThan(0.89);
    expect(shares.median).toBeLessThan(0.985);
    expect(shares.planted).toBeGreaterThan(0.92);
  }, 60_000);
});
