import { describe, expect, it } from "vitest";
import { regressionL2, testPoints, type RegressionModel } from "../src/index.ts";

/** f(x) = theta_0 + theta_1 x_1 + ...; x column-major. */
const affine: RegressionModel = {
  regression(theta, x, n, out) {
    for (let i = 0; i < n; i++) {
      out[i] = theta[0];
      for (let u = 1; u < theta.length; u++) out[i] += theta[u] * x[(u - 1) * n + i];
    }
  },
};

const moments = (values: Float64Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
};

describe("regressionL2", () => {
  it("is the distance of the two functions over the points", () => {
    const points = Float64Array.of(0, 1, 2, 5, 5, 5);
    expect(
      regressionL2(affine, Float64Array.of(1, 1, 0), affine, Float64Array.of(1, 0, 0), points, 3),
    ).toBeCloseTo(Math.sqrt(5 / 3), 14);
    expect(regressionL2(affine, Float64Array.of(2, 3, 1), affine, Float64Array.of(2, 3, 1), points, 3)).toBe(
      0,
    );
  });

  it("comes out as the integral over the law: |a| sd for a linear difference", () => {
    const a = Float64Array.of(0, 0.3, -0.4);
    const zero = new Float64Array(3);
    for (const [input, sd] of [
      [{ law: "uniform", low: -3, high: 3, dim: 2 }, Math.sqrt(3)],
      [{ law: "normal", sd: 2, dim: 2 }, 2],
      [{ law: "sphere", radius: 1.5, dim: 2 }, 1.5 * Math.SQRT1_2],
    ] as const) {
      const { points, count } = testPoints(input, 4096);
      const distance = regressionL2(affine, a, affine, zero, points, count);
      expect(Math.abs(distance / (0.5 * sd) - 1), input.law).toBeLessThan(3e-3);
    }
  });

  it("needs a point", () => {
    expect(() =>
      regressionL2(affine, new Float64Array(1), affine, new Float64Array(1), new Float64Array(0), 0),
    ).toThrow("at least one point");
  });
});

describe("testPoints", () => {
  it("are the same every time", () => {
    const input = { law: "normal", dim: 3 } as const;
    expect(testPoints(input, 100)).toEqual(testPoints(input, 100));
  });

  it("follow the uniform law: inside the box, mean and variance to a tenth of a random sample's error", () => {
    const { points, count } = testPoints({ law: "uniform", low: 1, high: 5, dim: 4 }, 4096);
    for (let u = 0; u < 4; u++) {
      const column = points.subarray(u * count, (u + 1) * count);
      const { mean, variance } = moments(column);
      expect(column.every((value) => value > 1 && value < 5)).toBe(true);
      expect(Math.abs(mean - 3)).toBeLessThan(0.1 * Math.sqrt(16 / 12 / count));
      expect(Math.abs(variance - 16 / 12)).toBeLessThan(0.02);
    }
  });

  it("follow the normal law with its mean and sd", () => {
    const { points, count } = testPoints({ law: "normal", mean: -2, sd: 0.5, dim: 2 }, 4096);
    for (const column of [points.subarray(0, count), points.subarray(count)]) {
      expect(moments(column).mean).toBeCloseTo(-2, 3);
      expect(moments(column).variance).toBeCloseTo(0.25, 2);
    }
  });

  it("lie on the sphere, evenly", () => {
    const { points, count } = testPoints({ law: "sphere", dim: 3, radius: 2 }, 3000);
    for (let i = 0; i < count; i++)
      expect(Math.hypot(points[i], points[count + i], points[2 * count + i])).toBeCloseTo(2, 12);
    for (let u = 0; u < 3; u++) {
      const { mean, variance } = moments(points.subarray(u * count, (u + 1) * count));
      expect(Math.abs(mean)).toBeLessThan(0.02);
      expect(variance).toBeCloseTo(4 / 3, 1);
    }
  });

  it("have no correlation between coordinates in 32 dimensions", () => {
    const { points, count } = testPoints({ law: "uniform", low: -1, high: 1, dim: 32 }, 2000);
    for (let u = 0; u + 1 < 32; u++) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += points[u * count + i] * points[(u + 1) * count + i];
      expect(Math.abs(3 * sum) / Math.sqrt(count)).toBeLessThan(4);
    }
  });

  it("refuse an empty sample", () =>
    expect(() => testPoints({ law: "normal", dim: 1 }, 0)).toThrow("a sample of 0 points"));
});
