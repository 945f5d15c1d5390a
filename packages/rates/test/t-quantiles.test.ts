import { studentTQuantile } from "@moe-rates/math";
import { describe, expect, it } from "vitest";
import { tabulatedTQuantile, tQuantileRows } from "../src/index.ts";

describe("the table of t quantiles", () => {
  it("holds four probabilities for 209 degrees of freedom", () => {
    const rows = tQuantileRows();
    expect(rows.length).toBe(4 * 209);
    expect(rows[0]).toMatchObject({ df: 1, p: 0.9 });
    expect(rows.at(-1)).toMatchObject({ df: 10_000, p: 0.995 });
  });

  it("can be cut at a largest df", () => {
    expect(tQuantileRows(39).at(-1)?.df).toBe(39);
  });

  it("is looked up at the largest df that does not exceed the actual one, so no interval is too narrow", () => {
    expect(tabulatedTQuantile(0.975, 249)).toBe(studentTQuantile(0.975, 200));
    expect(tabulatedTQuantile(0.975, 1e6)).toBe(studentTQuantile(0.975, 10_000));
  });

  it("makes an interval at most 0.2 % too wide, 0.12 % at 95 %", () => {
    const excess = (p: number, df: number): number =>
      tabulatedTQuantile(p, df)! / studentTQuantile(p, df) - 1;
    const degrees = [249, 299, 399, 499, 749, 999, 1999, 4999, 9999, 1e9];
    expect(Math.max(...degrees.map((df) => excess(0.995, df)))).toBeLessThan(0.002);
    expect(Math.max(...degrees.map((df) => excess(0.975, df)))).toBeLessThan(0.0012);
  });

  it("has no quantile below one degree of freedom, and refuses a probability that it does not hold", () => {
    expect(tabulatedTQuantile(0.975, 0)).toBeNull();
    expect(() => tabulatedTQuantile(0.99, 5)).toThrow("known: 0.9, 0.95, 0.975, 0.995");
  });
});
