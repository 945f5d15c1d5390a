import { describe, expect, it } from "vitest";
import {
  erf,
  erfc,
  logistic,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from "../src/index.ts";
import { fixture, relativeError, ulps } from "./ulps.ts";

type Pairs = [number, number][];

const pairs = (name: string) => fixture(name) as Pairs;

function worst(
  table: Pairs,
  f: (x: number) => number,
  measure: (value: number, expected: number) => number,
): number {
  return Math.max(...table.map(([x, expected]) => measure(f(x), expected)));
}

describe("erf and erfc", () => {
  it("erf is within 1 ulp of 50-digit values", () => {
    expect(worst(pairs("erf"), erf, ulps)).toBeLessThanOrEqual(1);
  });
  it("erfc is within 2 ulp of 50-digit values down to 1e-307", () => {
    expect(worst(pairs("erfc"), erfc, ulps)).toBeLessThanOrEqual(2);
  });
  it("take their limits at the infinities and NaN at NaN", () => {
    expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity)]).toEqual([1, -1, 0, 2]);
    expect([erf(NaN), erfc(NaN)]).toEqual([NaN, NaN]);
  });
  it("erf keeps the sign of zero", () => expect(Object.is(erf(-0), -0)).toBe(true));
});

describe("normalCdf", () => {
  it("keeps a relative error below 1e-15 from x = -37 to 8", () => {
    expect(worst(pairs("normal-cdf"), normalCdf, relativeError)).toBeLessThan(1e-15);
  });
  it("is 0 and 1 at the infinities", () =>
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalCdf(NaN)]).toEqual([0, 1, NaN]));
});

describe("normalQuantile", () => {
  it("keeps a relative error below 1e-15 from p = 5e-324 to 1 - 2^-53", () => {
    expect(worst(pairs("normal-quantile"), normalQuantile, relativeError)).toBeLessThan(1e-15);
  });
  it("is -Infinity at 0, 0 at 1/2, Infinity at 1 and NaN outside", () => {
    expect([0, 0.5, 1, -0.1, 1.1, NaN].map(normalQuantile)).toEqual([-Infinity, 0, Infinity, NaN, NaN, NaN]);
  });
});

describe("studentTQuantile", () => {
  it("keeps a relative error below 1e-14 for df from 1 to 1e6", () => {
    const rows = fixture("student-t-quantile") as [number, number, number][];
    const errors = rows.map(([p, df, t]) => relativeError(studentTQuantile(p, df), t));
    expect(Math.max(...errors)).toBeLessThan(1e-14);
  });
  it("goes over to the normal quantile as df grows", () => {
    expect(studentTQuantile(0.975, Infinity)).toBe(normalQuantile(0.975));
    expect(relativeError(studentTQuantile(0.975, 1e12), normalQuantile(0.975))).toBeLessThan(2e-12);
  });
  it("survives tails whose first guess underflows", () => {
    expect(relativeError(studentTQuantile(1e-300, 1), -1 / (Math.PI * 1e-300))).toBeLessThan(1e-14);
    expect(studentTQuantile(1e-250, 3)).toBeLessThan(-1e80);
    expect(studentTQuantile(1e-300, 1e6)).toBeCloseTo(normalQuantile(1e-300), 1);
  });
  it("is NaN for p outside [0, 1] or df not positive, infinite at the ends", () => {
    expect([studentTQuantile(1.5, 3), studentTQuantile(0.5, 0), studentTQuantile(0.5, NaN)]).toEqual([
      NaN,
      NaN,
      NaN,
    ]);
    expect([studentTQuantile(0, 3), studentTQuantile(1, 3)]).toEqual([-Infinity, Infinity]);
  });
});

describe("logistic", () => {
  it("keeps a relative error below 1e-15 from x = -745 to 800", () => {
    expect(
      worst(pairs("logistic"), logistic, (v, e) => Math.min(relativeError(v, e), ulps(v, e) * 2 ** -52)),
    ).toBeLessThan(1e-15);
  });
  it("is 0 and 1 at the infinities", () => expect([logistic(-Infinity), logistic(Infinity)]).toEqual([0, 1]));
});

describe("studentTCdf", () => {
  it("undoes the golden quantiles, both tails with their relative digits", () => {
    const rows = fixture("student-t-quantile") as [number, number, number][];
    for (const [p, df, t] of rows) {
      if (!(p > 1e-290 && p < 1 - 1e-12) || !Number.isFinite(t)) continue;
      const density = Math.abs(Math.log(Math.abs(t) + 1)) + 1;
      expect(relativeError(studentTCdf(t, df), p), `p ${p}, df ${df}`).toBeLessThan(
        2e-13 * density * (1 + df ** 0.5),
      );
    }
  });

  it("is 1/2 at zero, the normal at infinite degrees of freedom, 0 and 1 at the ends, and the arctangent at one degree", () => {
    expect([studentTCdf(0, 3), studentTCdf(-Infinity, 3), studentTCdf(Infinity, 3)]).toEqual([0.5, 0, 1]);
    expect(studentTCdf(1.3, Infinity)).toBe(normalCdf(1.3));
    expect(studentTCdf(2, 1)).toBeCloseTo(0.5 + Math.atan(2) / Math.PI, 14);
    expect(studentTCdf(NaN, 3)).toBeNaN();
  });
});
