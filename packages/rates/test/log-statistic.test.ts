import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logStatistic } from "../src/index.ts";

const values = fc.array(fc.oneof(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1, 2)), {
  minLength: 1,
  maxLength: 9,
});

function direct(values: readonly number[], statistic: "mean" | "median"): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const value =
    statistic === "mean"
      ? values.reduce((sum, value) => sum + value, 0) / values.length
      : (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return value > 0 ? Math.log(value) : null;
}

describe.each(["mean", "median"] as const)("logStatistic of the %s", (statistic) => {
  it("without a value equals the statistic computed from the others, ties and zeros included", () => {
    fc.assert(
      fc.property(values, (values) => {
        const at = logStatistic(values, statistic);
        expect(at.log ?? -1e9).toBeCloseTo(direct(values, statistic) ?? -1e9, 10);
        values.forEach((value, index) => {
          const others = values.toSpliced(index, 1);
          expect(at.logWithout(value) ?? -1e9).toBeCloseTo(direct(others, statistic) ?? -1e9, 10);
        });
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

describe("logStatistic", () => {
  it("keeps full precision of the others when one loss is 1e17 times larger", () => {
    const exact = Math.log((0.1 + 0.2 + 0.4) / 3);
    expect(logStatistic([0.1, 0.2, 0.4, 1e17], "mean").logWithout(1e17)).toBeCloseTo(exact, 14);
  });

  it("has no log for zeros alone, nor without values", () => {
    expect(logStatistic([0, 0], "mean")).toMatchObject({ value: 0, log: null });
    expect(logStatistic([], "median")).toMatchObject({ value: null, log: null });
  });
});
