import { describe, expect, it } from "vitest";
import { compensatedSum, logSumExp, NeumaierSum } from "../src/index.ts";

describe("logSumExp", () => {
  it("neither overflows nor underflows", () => {
    expect(logSumExp([1000, 1000])).toBe(1000 + Math.LN2);
    expect(logSumExp([-1000, -1001])).toBeCloseTo(-1000 + Math.log1p(Math.exp(-1)), 12);
    expect(logSumExp([1e308, -1e308])).toBe(1e308);
  });
  it("is -Infinity for nothing and for zero masses", () => {
    expect([logSumExp([]), logSumExp([-Infinity, -Infinity])]).toEqual([-Infinity, -Infinity]);
  });
  it("passes on Infinity and NaN", () => {
    expect([logSumExp([0, Infinity]), logSumExp([0, NaN]), logSumExp([NaN])]).toEqual([Infinity, NaN, NaN]);
  });
  it("sums a range", () =>
    expect(logSumExp(Float64Array.of(5, 1, 1, 7), 1, 3)).toBeCloseTo(1 + Math.LN2, 15));
});

describe("NeumaierSum", () => {
  it("recovers what cancels", () => expect(compensatedSum([1, 1e100, 1, -1e100])).toBe(2));
  it("sums ten million tenths to the last bit", () => {
    const sum = new NeumaierSum();
    for (let i = 0; i < 1e7; i++) sum.add(0.1);
    expect(sum.value).toBe(1e7 * 0.1);
    sum.reset();
    expect(sum.value).toBe(0);
  });
  it("reports an infinite sum as infinite", () => {
    expect(compensatedSum([1, Infinity])).toBe(Infinity);
    expect(compensatedSum([1e308, 1e308])).toBe(Infinity);
    expect(compensatedSum([Infinity, -Infinity])).toBeNaN();
  });
});
