import { describe, expect, it } from "vitest";
import {
  burnIn,
  curvature,
  decayChoice,
  detectableDifference,
  inferRate,
  rememberCounts,
  resampledSeries,
} from "../src/index.ts";
import { quadraticTerm } from "../src/curvature.ts";
import { logSizes, syntheticSample, type LossAt } from "./synthetic-rows.ts";

const countsFor = rememberCounts();
const fourDecades = logSizes(100, 1_000_000, 13);

function series(
  name: string,
  loss: LossAt,
  replicates = 40,
  sizes = fourDecades,
  statistic = "median" as const,
) {
  const sample = syntheticSample([name], { sizes, replicates }, loss);
  return resampledSeries(sample, statistic, countsFor(replicates));
}

describe("curvature", () => {
  it("is the coefficient of an exact parabola, whatever the weights", () => {
    const x = Float64Array.from([1, 2, 4, 5, 9]);
    const heights = x.map((u) => 3 - 0.5 * u + 0.07 * u * u);
    expect(quadraticTerm(x, heights, Float64Array.from([1, 5, 2, 2, 9]))).toBeCloseTo(0.07, 13);
    expect(
      quadraticTerm(
        x,
        heights,
        x.map(() => 1),
        2,
      ),
    ).toBeCloseTo(0.07, 12);
    expect(
      quadraticTerm(
        x,
        heights,
        x.map(() => 1),
        3,
      ),
    ).toBeNull();
  });

  it("rejects about 5 % of power laws at 5 % (bound: 4 standard errors) and finds a plateau", () => {
    const sizes = logSizes(1000, 64_000, 7);
    let rejected = 0;
    for (let study = 0; study < 300; study++) {
      const sample = syntheticSample(
        ["size", study],
        { sizes, replicates: 40 },
        (z, n) => n ** -0.5 * Math.exp(z),
      );
      const { pValue } = curvature(resampledSeries(sample, "mean", countsFor(40)));
      if (pValue! < 0.05) rejected++;
    }
    expect(Math.abs(rejected / 300 - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 300));
    const plateau = curvature(series("plateau", (z, n) => (n ** -0.5 + 0.01) * Math.exp(0.3 * z)));
    expect(plateau.pValue).toBeLessThan(0.003);
    expect(plateau.coefficient.value).toBeGreaterThan(0);
  });
});

describe("decayChoice", () => {
  const quiet =
    (law: (n: number) => number): LossAt =>
    (z, n) =>
      law(n) * Math.exp(0.05 * z);

  it.each([
    ["power", (n: number) => n ** -0.25, 0.25],
    ["log", (n: number) => 1 / Math.log(n) ** 2, 2],
    ["power-log", (n: number) => (Math.log(n) / n) ** 0.5, 0.5],
    ["plateau", (n: number) => n ** -0.5 + 0.02, 0.5],
  ] as const)(
    "finds the law %s and its exponent out of four decades of quiet data",
    (law, shape, exponent) => {
      const choice = decayChoice(series(law, quiet(shape)))!;
      expect(choice.fits[0].law).toBe(law);
      expect(choice.decided).toBe(law === "power-log" ? "power" : law);
      expect(choice.fits[0].exponent).toBeCloseTo(exponent, 1);
      expect(choice.fits[0].chosen.share).toBeGreaterThan(0.5);
      expect(choice.fits.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(choice.fits.reduce((sum, { chosen }) => sum + chosen.share, 0)).toBeCloseTo(1, 12);
    },
  );

  it("does not decide between 1/log^2 n and (log n / n)^(1/4) over two decades of noisy data", () => {
    const noisy = series("noisy", (z, n) => Math.exp(z) / Math.log(n) ** 2, 40, logSizes(1000, 100_000, 7));
    expect(decayChoice(noisy)!.decided).toBeNull();
  });

  it("has the generalised sum of squares of a direct solution", () => {
    const one = series(
      "direct",
      quiet((n) => n ** -0.3),
    );
    const power = decayChoice(one)!.fits.find(({ law }) => law === "power")!;
    const worse = (exponent: number, shift: number): number => {
      const moved = { ...one, logs: one.logs.map((y, p) => y + exponent * one.x[p] + shift) };
      return decayChoice(moved)!.fits.find(({ law }) => law === "power")!.chiSquare;
    };
    expect(worse(0.2, -3)).toBeCloseTo(power.chiSquare, 6);
  });

  it("says nothing about three sizes, or a size without spread", () => {
    expect(decayChoice(series("short", (z, n) => Math.exp(z) / n, 40, [10, 100, 1000]))).toBeNull();
    expect(decayChoice(series("constant", (_, n) => 1 / n))).toBeNull();
  });
});

describe("burnIn", () => {
  it("keeps all of a power law and drops the sizes before the bend of a late one", () => {
    const power = burnIn(series("straight", (z, n) => n ** -0.5 * Math.exp(0.3 * z)))!;
    expect(power).toMatchObject({ fromN: 100, dropped: 0 });
    const late = burnIn(series("late", (z, n) => Math.min(0.03, n ** -0.5) * Math.exp(0.1 * z), 40))!;
    expect(late.dropped).toBeGreaterThanOrEqual(2);
    expect(late.fromN).toBeGreaterThan(300);
    expect(late.slope!.value).toBeLessThan(-0.42);
    expect(late.agreement.share).toBeGreaterThan(0.3);
    expect(late.agreement.standardError).toBeLessThan(0.02);
  });
});

describe("inferRate", () => {
  it("gathers slope, errors, curvature, burn-in, laws and the detectable difference", () => {
    const sample = syntheticSample(
      ["all"],
      { sizes: logSizes(1000, 64_000, 7), replicates: 40 },
      (z, n) => n ** -0.5 * Math.exp(z),
    );
    const [mean, median] = (["mean", "median"] as const).map((one) => inferRate(sample, one, countsFor(40)));
    expect(mean.slope.method).toBe("jackknife");
    expect(median.slope.method).toBe("bootstrap");
    expect(median.bootstrapError).toBe(median.slope.standardError);
    expect(mean.bootstrapError! / mean.slope.standardError!).toBeCloseTo(1, 0);
    expect(median.detectable! / median.slope.standardError!).toBeCloseTo(2.0227 + 0.8512, 3);
    expect(median.sizes).toHaveLength(7);
    expect(median.draws).toBe(999);
    expect(median.decay!.fits).toHaveLength(4);
  });

  it("the detectable difference is found with probability 0.8", () => {
    expect(detectableDifference(1, 1)).toBeNull();
    const sizes = logSizes(1000, 64_000, 4);
    let [found, sumDetectable] = [0, 0];
    const run = (shift: number): void => {
      [found, sumDetectable] = [0, 0];
      for (let study = 0; study < 400; study++) {
        const sample = syntheticSample(
          ["mde", study],
          { sizes, replicates: 20, nested: false },
          (z, n) => n ** (-0.5 + shift) * (1 + 0.2 * z),
        );
        const { slope, detectable } = inferRateQuick(sample);
        sumDetectable += detectable;
        if (slope[0] > -0.5 || slope[1] < -0.5) found++;
      }
    };
    run(0);
    const detectable = sumDetectable / 400;
    run(detectable);
    expect(Math.abs(found / 400 - 0.8)).toBeLessThan(0.08);
  });
});

function inferRateQuick(sample: Parameters<typeof inferRate>[0]): {
  slope: readonly [number, number];
  detectable: number;
} {
  const { slope, detectable } = inferRate(sample, "mean", countsFor(20).subarray(0, 20 * 2));
  return { slope: slope.ci!, detectable: detectable! };
}
