import { describe, expect, it } from "vitest";
import { differenceStep, gradientByDifferences, jacobianByDifferences } from "../src/index.ts";

describe("central differences", () => {
  it("step by cbrt(eps) max(1, |x|)", () => {
    expect([differenceStep(0), differenceStep(-8)]).toEqual([Math.cbrt(2 ** -52), 8 * Math.cbrt(2 ** -52)]);
  });
  it("give the gradient of exp(a) sin(b) to 1e-9", () => {
    const x = Float64Array.of(0.3, 2);
    const gradient = gradientByDifferences(([a, b]) => Math.exp(a) * Math.sin(b), x);
    expect(gradient[0]).toBeCloseTo(Math.exp(0.3) * Math.sin(2), 9);
    expect(gradient[1]).toBeCloseTo(Math.exp(0.3) * Math.cos(2), 9);
    expect(Array.from(x)).toEqual([0.3, 2]);
  });
  it("give a row-major Jacobian, also when f reuses its array", () => {
    const out = new Float64Array(3);
    const f = (x: Float64Array) => {
      out.set([x[0] * x[1], x[0] ** 2, 5]);
      return out;
    };
    const jacobian = jacobianByDifferences(f, Float64Array.of(2, 7));
    [7, 2, 4, 0, 0, 0].forEach((expected, i) => expect(jacobian[i]).toBeCloseTo(expected, 9));
  });
});
