import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  alignSamples,
  bootstrapCounts,
  estimateOf,
  logStatistic,
  lossColumns,
  rateTable,
  resampledSeries,
  seriesSample,
  slopeOf,
  type LossRow,
  type Statistic,
} from "../src/index.ts";
import { logSizes, syntheticSample } from "./synthetic-rows.ts";

const statistics: Statistic[] = ["mean", "median", "q0.9", "q0.25"];

/** Type 7 quantile as it is defined, on a sorted list. */
function quantile(sorted: readonly number[], p: number): number {
  const h = (sorted.length - 1) * p;
  const [low, high] = [sorted[Math.floor(h)], sorted[Math.ceil(h)]];
  return low + (h - Math.floor(h)) * (high - low);
}

function statisticOf(values: readonly number[], statistic: Statistic): number {
  if (statistic === "mean") return values.reduce((sum, value) => sum + value, 0) / values.length;
  return quantile(
    values.toSorted((a, b) => a - b),
    statistic === "median" ? 0.5 : Number(statistic.slice(1)),
  );
}

const losses = fc.array(
  fc.oneof(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.constantFrom(0.5, 2, NaN)),
  {
    minLength: 1,
    maxLength: 12,
  },
);

describe("resampled series", () => {
  it("every bootstrap sample is the statistic of the replicates it drew, repeated", () => {
    fc.assert(
      fc.property(losses, fc.constantFrom(...statistics), (values, statistic) => {
        const sample = {
          design: "d",
          k: 1,
          loss: "l",
          component: "total",
          fits: "all" as const,
          sizes: [100],
          replicates: values.map((_, i) => i),
          values: [Float64Array.from(values)],
        };
        const counts = bootstrapCounts(values.length, 20);
        const { drawn, logs } = resampledSeries(sample, statistic, counts);
        const known = values.filter((value) => !Number.isNaN(value));
        if (known.length > 0) expect(logs[0]).toBeCloseTo(Math.log(statisticOf(known, statistic)), 10);
        for (let draw = 0; draw < 20; draw++) {
          const repeated = values.flatMap((value, slot) =>
            Number.isNaN(value)
              ? []
              : Array.from({ length: counts[draw * values.length + slot] }, () => value),
          );
          expect(drawn.weights[draw]).toBe(repeated.length);
          if (repeated.length === 0) expect(drawn.logs[draw]).toBeNaN();
          else expect(drawn.logs[draw]).toBeCloseTo(Math.log(statisticOf(repeated, statistic)), 10);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("bootstrap samples have as many members as replicates, and more of them do not change the first", () => {
    const counts = bootstrapCounts(7, 50);
    for (let draw = 0; draw < 50; draw++)
      expect(counts.subarray(draw * 7, draw * 7 + 7).reduce((sum, count) => sum + count, 0)).toBe(7);
    expect(bootstrapCounts(7, 80).subarray(0, 350)).toEqual(counts);
  });

  it("quantiles without one value are the quantiles of the rest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0.5, 1, 2, 3.5, 7, 11), { minLength: 2, maxLength: 9 }),
        fc.constantFrom(...statistics),
        (values, statistic) => {
          const { log, logWithout } = logStatistic(values, statistic);
          expect(log).toBeCloseTo(Math.log(statisticOf(values, statistic)), 12);
          values.forEach((value, i) => {
            const rest = values.filter((_, j) => j !== i);
            expect(logWithout(value)).toBeCloseTo(Math.log(statisticOf(rest, statistic)), 12);
          });
        },
      ),
      { seed: 6, numRuns: 200 },
    );
  });

  it("a mean has the slope, error and interval of rateTable, gaps and uncertified fits included", () => {
    const cell = fc.record({
      value: fc.oneof(
        { weight: 9, arbitrary: fc.double({ min: 1e-3, max: 1e3, noNaN: true }) },
        fc.constant(-1),
      ),
      here: fc.boolean(),
      certified: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 24, maxLength: 24 }), (cells) => {
        const rows = cells.flatMap(({ here, ...rest }, i): LossRow[] =>
          here || i < 8
            ? [
                {
                  ...rest,
                  design: "d",
                  k: 2,
                  n: 100 * 2 ** (i % 4),
                  replicate: Math.floor(i / 4),
                  loss: "l",
                  component: "c",
                },
              ]
            : [],
        );
        for (const fits of ["all", "certified"] as const) {
          const expected = rateTable(rows).find((rate) => rate.statistic === "mean" && rate.fits === fits)!;
          const series = resampledSeries(seriesSample(lossColumns(rows)[0], fits), "mean");
          const slope = estimateOf(series, slopeOf);
          for (const [actual, wanted] of [
            [slope.value, expected.slope],
            [slope.standardError, expected.standardError],
            [slope.ci?.[0] ?? null, expected.ci?.[0] ?? null],
            [slope.ci?.[1] ?? null, expected.ci?.[1] ?? null],
          ]) {
            if (wanted === null) expect(actual).toBeNull();
            else expect(Math.abs(actual! - wanted)).toBeLessThan(1e-9 * Math.max(1, Math.abs(wanted)));
          }
        }
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  it("an interval far out, where too few draws lie, is t times the standard error", () => {
    const series = resampledSeries(
      syntheticSample(
        ["far"],
        { sizes: logSizes(1000, 16_000, 5), replicates: 30 },
        (z, n) => n ** -0.5 * Math.exp(z),
      ),
      "median",
    );
    const { value, standardError, ci } = estimateOf(series, slopeOf, 0.9999);
    expect(ci![1] - value!).toBeCloseTo(value! - ci![0], 12);
    expect((ci![1] - value!) / standardError!).toBeCloseTo(4.50551, 4);
  });

  it("has no interval without two replicates, and no point where the statistic is zero", () => {
    const sample = syntheticSample(["one"], { sizes: [10, 20, 40], replicates: 1 }, (_, n) =>
      n === 20 ? 0 : 1 / n,
    );
    const series = resampledSeries(sample, "median");
    expect(series.logs[1]).toBeNaN();
    expect(estimateOf(series, slopeOf)).toMatchObject({ ci: null });
    expect(estimateOf(series, slopeOf).value).toBeCloseTo(-1, 12);
  });

  it("pairs keep what both samples have, unions keep everything", () => {
    const design = { sizes: [10, 20, 40], replicates: 4 };
    const a = syntheticSample(["pair"], design, (z) => Math.exp(z));
    const b = { ...a, sizes: [20, 40, 80], replicates: [1, 2, 3, 4], values: a.values.map((v) => v.slice()) };
    b.values[0][0] = NaN;
    const pairs = alignSamples(a, b, "pairs");
    expect([pairs.a.sizes, pairs.a.replicates]).toEqual([
      [20, 40],
      [1, 2, 3],
    ]);
    expect(pairs.a.values[0][0]).toBeNaN();
    expect(pairs.a.values[1][0]).toBe(a.values[2][1]);
    const union = alignSamples(a, b, "union");
    expect([union.a.sizes, union.a.replicates]).toEqual([
      [10, 20, 40, 80],
      [0, 1, 2, 3, 4],
    ]);
    expect(union.b.values[3][4]).toBe(b.values[2][3]);
    expect(union.a.values[3].every(Number.isNaN)).toBe(true);
  });
});
