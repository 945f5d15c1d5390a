import { describe, expect, it } from "vitest";
import {
  compareFits,
  errorSplit,
  neededSampleSize,
  rememberCounts,
  resampledSeries,
  seriesSample,
  type SeriesSample,
} from "../src/index.ts";
import { logSizes, syntheticColumns, syntheticSample, type LossAt } from "./synthetic-rows.ts";

const sizes = logSizes(1000, 64_000, 7);
const countsFor = rememberCounts();

function sample(name: string, loss: LossAt, design = "a"): SeriesSample {
  return { ...syntheticSample([name], { sizes, replicates: 40 }, loss), design };
}

describe("compareFits", () => {
  it("of a fit and one that is worse by a constant factor: the ratio of observations is factor^2 under n^-1/2", () => {
    const a = sample("pair", (z, n) => n ** -0.5 * Math.exp(0.3 * z));
    const b = { ...a, design: "b", values: a.values.map((column) => column.map((value) => 1.5 * value)) };
    const comparison = compareFits(a, b, "median", countsFor);
    expect(comparison.slopeDifference.value).toBeCloseTo(0, 12);
    expect(comparison.slopeDifference.standardError).toBeCloseTo(0, 12);
    for (const { pairs, meanLogRatio } of comparison.points) {
      expect(pairs).toBe(40);
      expect(meanLogRatio.value).toBeCloseTo(Math.log(1.5), 12);
    }
    const slope = -Math.log(comparison.sampleSizeRatio!.ratio) / Math.log(1.5);
    expect(slope).toBeLessThan(-1.7);
    expect(slope).toBeGreaterThan(-2.3);
    expect(comparison.sampleSizeRatio).toMatchObject({ extrapolated: false });
  });

  it("on the same data is several times sharper than on different data", () => {
    const a = sample("shared", (z, n) => n ** -0.5 * Math.exp(z));
    const paired = compareFits(
      a,
      sample("shared", (z, n) => n ** -0.4 * Math.exp(z + 0.05 * Math.sin(40 * z)), "b"),
      "median",
      countsFor,
    );
    const apart = compareFits(
      a,
      sample("other", (z, n) => n ** -0.4 * Math.exp(z), "b"),
      "median",
      countsFor,
    );
    expect(paired.slopeDifference.standardError!).toBeLessThan(apart.slopeDifference.standardError! / 3);
    expect(Math.abs(paired.slopeDifference.value! - 0.1)).toBeLessThan(
      4 * paired.slopeDifference.standardError!,
    );
  });

  it("covers the true ratio of observations in 93 to 97 % of studies within 4 standard errors", () => {
    const short = logSizes(1000, 64_000, 5);
    let hits = 0;
    for (let study = 0; study < 300; study++) {
      const make = (factor: number, wobble: number): SeriesSample =>
        syntheticSample(
          ["ratio", study],
          { sizes: short, replicates: 30 },
          (z, n) => factor * n ** -0.5 * (1 + 0.2 * Math.tanh(z) + wobble * Math.sin(9 * z)),
        );
      const { ci } = compareFits(make(1, 0), make(1.5, 0.1), "mean", countsFor).sampleSizeRatio!;
      if (ci![0] <= 1.5 ** 2 && 1.5 ** 2 <= ci![1]) hits++;
    }
    expect(hits / 300).toBeGreaterThan(0.93 - 4 * 0.013);
    expect(hits / 300).toBeLessThanOrEqual(0.97 + 4 * 0.013);
  });

  it("has no ratio of observations where a loss does not fall, and refuses different losses", () => {
    const a = sample("falls", (z, n) => n ** -0.5 * Math.exp(0.1 * z));
    const flat = sample("flat", (z) => Math.exp(0.1 * z + 0.1));
    const rising = {
      ...flat,
      values: flat.values.map((column, p) => column.map((value) => value * (1 + p))),
    };
    expect(compareFits(a, rising, "mean", countsFor).sampleSizeRatio).toBeNull();
    expect(() => compareFits(a, { ...a, loss: "other" }, "mean", countsFor)).toThrow("cannot be compared");
  });
});

describe("errorSplit", () => {
  it("finds the slope that uncertified fits add", () => {
    const columns = syntheticColumns(
      ["split"],
      { sizes, replicates: 60 },
      (z, n) => n ** -0.5 * Math.exp(0.2 * z),
    );
    columns.points.forEach((point, p) => {
      point.replicates.forEach((replicate) => {
        if (replicate % 3 !== 0) return;
        (point.certified as boolean[])[replicate] = false;
        (point.values as number[])[replicate] *= 1 + p;
      });
    });
    const [all, certified] = [seriesSample(columns, "all"), seriesSample(columns, "certified")];
    const split = errorSplit(all, certified, "mean", countsFor);
    expect(split.slopeChange.value).toBeGreaterThan(0.1);
    expect(split.slopeChange.ci![0]).toBeGreaterThan(0);
    expect(split.points[0]).toMatchObject({ n: 1000, certified: 40, all: 60 });
    expect(split.points[6].logRatio.value).toBeCloseTo(Math.log((40 + 20 * 7) / 60), 0);
    const none = errorSplit(certified, certified, "median", countsFor);
    expect([none.slopeChange.value, none.slopeChange.standardError]).toEqual([0, 0]);
  });
});

describe("neededSampleSize", () => {
  it("inverts the line, says when it extrapolates, and when the loss does not fall", () => {
    const exact = resampledSeries(
      sample("exact", (z, n) => 2 * n ** -0.5 * Math.exp(1e-9 * z)),
      "mean",
    );
    expect(neededSampleSize(exact, 0.02)).toMatchObject({ n: 10_000, extrapolated: false });
    expect(neededSampleSize(exact, 0.002)).toMatchObject({ n: 1_000_000, extrapolated: true });
    const rising = resampledSeries(
      sample("rising", (z, n) => n ** 0.5 * Math.exp(0.1 * z)),
      "mean",
    );
    expect(neededSampleSize(rising, 0.01)).toEqual({ epsilon: 0.01, n: null, ci: null, extrapolated: true });
    expect(() => neededSampleSize(exact, 0)).toThrow("epsilon must be a positive number");
  });

  it("has no upper end when flat slopes are compatible with the data", () => {
    const noisy = resampledSeries(
      syntheticSample(
        ["noisy"],
        { sizes: [1000, 1100, 1200], replicates: 12, nested: false },
        (z, n) => n ** -0.5 * Math.exp(2 * z),
      ),
      "mean",
    );
    const found = neededSampleSize(noisy, 1e-6);
    expect(found.n === null || found.ci?.[1] === null).toBe(true);
  });

  it("covers the true sample size in 93 to 97 % of studies within 4 standard errors", () => {
    let hits = 0;
    for (let study = 0; study < 300; study++) {
      const made = syntheticSample(
        ["need", study],
        { sizes: logSizes(1000, 64_000, 5), replicates: 30 },
        (z, n) => n ** -0.5 * Math.exp(0.5 * z),
      );
      const mean = Math.exp(0.125);
      const { ci } = neededSampleSize(resampledSeries(made, "mean", countsFor(30)), mean * 1e6 ** -0.5);
      if (ci![0] <= 1e6 && (ci![1] === null || 1e6 <= ci![1])) hits++;
    }
    expect(hits / 300).toBeGreaterThan(0.93 - 4 * 0.013);
    expect(hits / 300).toBeLessThanOrEqual(0.97 + 4 * 0.013);
  });
});
