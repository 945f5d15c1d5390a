import { describe, expect, it } from "vitest";
import {
  estimateOf,
  nextRound,
  rememberCounts,
  resampledSeries,
  seriesSample,
  slopeOf,
  tabulatedTQuantile,
  type ResampledSeries,
} from "../src/index.ts";
import { logSizes, syntheticColumns, syntheticSample } from "./synthetic-rows.ts";

const countsFor = rememberCounts();
const studies = 400;
const replicates = 40;

/** The planted error: sizes taken as independent, so that the variances of the points simply add up. */
function independentSizesError({ x, deleted }: ResampledSeries): number {
  const centre = x.reduce((sum, value) => sum + value, 0) / x.length;
  const sxx = x.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  let variance = 0;
  x.forEach((at, p) => {
    const logs = Array.from({ length: deleted!.count }, (_, v) => deleted!.logs[v * x.length + p]);
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const spread = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
    variance += ((logs.length - 1) / logs.length) * spread * ((at - centre) / sxx) ** 2;
  });
  return Math.sqrt(variance);
}

const covers = (ci: readonly [number, number] | null): boolean =>
  ci !== null && ci[0] <= -0.5 && -0.5 <= ci[1];

/** Within 93 to 97 %, four Monte Carlo standard errors allowed for. */
function expectNominal(share: number, count = studies): void {
  const slack = 4 * Math.sqrt((0.95 * 0.05) / count);
  expect(share).toBeGreaterThan(0.93 - slack);
  expect(share).toBeLessThan(0.97 + slack);
}

function coverage(nested: boolean): Record<"mean" | "median" | "q0.9" | "planted", number> {
  const hits = { mean: 0, median: 0, "q0.9": 0, planted: 0 };
  const t = tabulatedTQuantile(0.975, replicates - 1)!;
  for (let study = 0; study < studies; study++) {
    const design = { sizes: logSizes(1000, 1_000_000, nested ? 13 : 7), replicates, nested };
    const sample = syntheticSample(
      ["coverage", Number(nested), study],
      design,
      (z, n) => n ** -0.5 * Math.exp(z),
    );
    for (const statistic of ["mean", "median", "q0.9"] as const) {
      const series = resampledSeries(sample, statistic, countsFor(replicates));
      const { value, ci } = estimateOf(series, slopeOf);
      if (covers(ci)) hits[statistic]++;
      if (statistic === "mean" && Math.abs(value! + 0.5) <= t * independentSizesError(series)) hits.planted++;
    }
  }
  return {
    mean: hits.mean / studies,
    median: hits.median / studies,
    "q0.9": hits["q0.9"] / studies,
    planted: hits.planted / studies,
  };
}

describe("95 % intervals over 400 synthetic studies (2,000 and more laws: tools/trials/interval-coverage.mjs)", () => {
  it("cover the true slope when sizes share draws; treating sizes as independent does not", () => {
    const shares = coverage(true);
    for (const statistic of ["mean", "median", "q0.9"] as const) expectNominal(shares[statistic]);
    expect(shares.planted).toBeLessThan(0.89);
  });

  it("cover the true slope when sizes are independent", () => {
    const shares = coverage(false);
    for (const statistic of ["mean", "median", "q0.9"] as const) expectNominal(shares[statistic]);
    expectNominal(shares.planted);
  });

  it("cover it when replicates were added round by round until the target was met", () => {
    const sizes = logSizes(1000, 64_000, 7);
    let [hits, met] = [0, 0];
    for (let study = 0; study < 200; study++) {
      const full = syntheticColumns(
        ["adaptive", study],
        { sizes, replicates: 200 },
        (z, n) => n ** -0.5 * Math.exp(z),
      );
      let counts: readonly number[] = sizes.map(() => 20);
      for (;;) {
        const points = full.points.map((point, p) => ({
          ...point,
          replicates: point.replicates.slice(0, counts[p]),
          values: point.values.slice(0, counts[p]),
        }));
        const sample = seriesSample({ ...full, points }, "all");
        const draws = countsFor(sample.replicates.length);
        const decision = nextRound(
          { sample, statistic: "median", counts, costs: sizes, halfWidth: 0.1, max: 200 },
          draws,
        );
        if (decision.state === "met") met++;
        if (
          decision.state !== "continue" &&
          covers(estimateOf(resampledSeries(sample, "median", draws), slopeOf).ci)
        )
          hits++;
        if (decision.state !== "continue") break;
        counts = decision.counts;
      }
    }
    expect(met).toBe(200);
    expectNominal(hits / 200, 200);
  });
});
