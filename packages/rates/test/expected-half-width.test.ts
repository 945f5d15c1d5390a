import { describe, expect, it } from "vitest";
import { estimateOf, expectedHalfWidth, rememberCounts, resampledSeries, slopeOf } from "../src/index.ts";
import { logSizes, syntheticSample, type LossAt } from "./synthetic-rows.ts";

const countsFor = rememberCounts();
const sizes = logSizes(1000, 64_000, 7);
const law: LossAt = (z, n) => n ** -0.5 * Math.exp(0.8 * z);

function actual(statistic: "mean" | "median", nested: boolean): number {
  let sum = 0;
  for (let study = 0; study < 20; study++) {
    const sample = syntheticSample(["plan", study], { sizes, replicates: 40, nested }, law);
    const { ci } = estimateOf(resampledSeries(sample, statistic, countsFor(40)), slopeOf);
    sum += (ci![1] - ci![0]) / 40;
  }
  return sum;
}

describe("expectedHalfWidth", () => {
  it.each([
    ["median", true],
    ["median", false],
  ] as const)(
    "of the %s (nested: %s) from eight replicates at five sizes lies near the half-widths of full studies",
    (statistic, nested) => {
      let sum = 0;
      for (let study = 0; study < 20; study++) {
        const pilot = syntheticSample(
          ["pilot", study],
          { sizes: sizes.slice(0, 5), replicates: 8, nested },
          law,
        );
        const expected = expectedHalfWidth(
          pilot,
          statistic,
          sizes,
          sizes.map(() => 40),
        )!;
        expect(expected.range[0]).toBeLessThan(expected.halfWidth);
        expect(expected.range[1]).toBeGreaterThan(expected.halfWidth);
        sum += expected.halfWidth / 20;
      }
      expect(sum / actual(statistic, nested)).toBeGreaterThan(0.75);
      expect(sum / actual(statistic, nested)).toBeLessThan(1.35);
    },
  );

  it("falls like one over the root of the replicates", () => {
    const pilot = syntheticSample(["root"], { sizes, replicates: 8 }, law);
    const [few, many] = [40, 4000].map((count) =>
      expectedHalfWidth(
        pilot,
        "median",
        sizes,
        sizes.map(() => count),
      )!,
    );
    expect(few.halfWidth / many.halfWidth).toBeCloseTo(10 * (2.0227 / 1.9605), 2);
  });

  it("does not exist for fewer than three replicates or a loss without spread", () => {
    const two = syntheticSample(["two"], { sizes, replicates: 2 }, law);
    expect(
      expectedHalfWidth(
        two,
        "median",
        sizes,
        sizes.map(() => 40),
      ),
    ).toBeNull();
    const constant = syntheticSample(["constant"], { sizes, replicates: 8 }, (_, n) => 1 / n);
    expect(
      expectedHalfWidth(
        constant,
        "median",
        sizes,
        sizes.map(() => 40),
      ),
    ).toBeNull();
  });
});
