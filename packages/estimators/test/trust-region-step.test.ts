import { stream, symmetricEigen } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { stepWorkspace, trustRegionStep } from "../src/trust-region-step.ts";
import { quadratic } from "./support/brute-force-quadratic.ts";

function randomSymmetric(p: number, random: ReturnType<typeof stream>, spread: number): Float64Array {
  const matrix = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = i; j < p; j++)
      matrix[i * p + j] = matrix[j * p + i] = random.normal() * 10 ** (spread * (random.uniform() - 0.5));
  }
  return matrix;
}

/** Smallest value of the model over many points of the ball of this radius. */
function bruteForce(hessian: Float64Array, gradient: Float64Array, radius: number): number {
  const p = gradient.length;
  let lowest = 0;
  for (let a = 0; a < 120; a++) {
    const azimuth = (2 * Math.PI * a) / 120;
    for (let b = p === 2 ? 30 : 0; b <= (p === 2 ? 30 : 60); b++) {
      const polar = (Math.PI * b) / 60;
      for (let r = 1; r <= 12; r++) {
        const length = (radius * r) / 12;
        const flat = length * Math.sin(polar);
        const point = [flat * Math.cos(azimuth), flat * Math.sin(azimuth), length * Math.cos(polar)].slice(
          0,
          p,
        );
        lowest = Math.min(lowest, quadratic(hessian, gradient, Float64Array.from(point)));
      }
    }
  }
  return lowest;
}

describe.each([2, 3])("the trust-region step in %i dimensions", (p) => {
  test.each(Array.from({ length: 60 }, (_, i) => i))(
    "meets the optimality conditions, random model %i",
    (index) => {
      const random = stream("trust-region step", p, index);
      const hessian = randomSymmetric(p, random, index % 3);
      const gradient = Float64Array.from({ length: p }, () => random.normal());
      const radius = 10 ** (3 * random.uniform() - 1.5);
      const step = new Float64Array(p);
      const lambda = trustRegionStep(hessian, gradient, p, p, radius, step, stepWorkspace(p));
      const length = Math.hypot(...step);
      const size = Math.max(...hessian.map(Math.abs));
      expect(lambda).toBeGreaterThanOrEqual(0);
      expect(length).toBeLessThanOrEqual(1.1 * radius);
      const { values } = symmetricEigen(hessian, p);
      expect(values[0] + lambda).toBeGreaterThanOrEqual(-1e-10 * size);
      for (let i = 0; i < p; i++) {
        const row = step.reduce((sum, value, j) => sum + hessian[i * p + j] * value, 0);
        expect(Math.abs(row + lambda * step[i] + gradient[i])).toBeLessThan(
          1e-8 * (size + lambda) * Math.max(1, length),
        );
      }
      if (lambda > 0) expect(length).toBeGreaterThanOrEqual(0.9 * radius);
      const lowest = bruteForce(hessian, gradient, Math.min(length, radius));
      const reached = quadratic(hessian, gradient, step);
      expect(reached).toBeLessThanOrEqual(lowest + 1e-9 * Math.abs(lowest));
    },
  );

  test("is the Newton step when that is inside", () => {
    const hessian = Float64Array.from({ length: p * p }, (_, at) => (at % (p + 1) === 0 ? 2 : 0));
    const gradient = new Float64Array(p).fill(-1);
    const step = new Float64Array(p);
    expect(trustRegionStep(hessian, gradient, p, p, 10, step, stepWorkspace(p))).toBe(0);
    step.forEach((value) => expect(value).toBeCloseTo(0.5, 12));
  });

  test("reads only the leading block of a larger array", () => {
    const stride = p + 2;
    const hessian = new Float64Array(stride * stride).fill(1e9);
    for (let i = 0; i < p; i++) for (let j = 0; j < p; j++) hessian[i * stride + j] = i === j ? 3 : 0;
    const step = new Float64Array(stride);
    trustRegionStep(hessian, new Float64Array(stride).fill(1), p, stride, 10, step, stepWorkspace(stride));
    step.subarray(0, p).forEach((value) => expect(value).toBeCloseTo(-1 / 3, 12));
  });

  test("in the hard case still reduces the model inside the radius", () => {
    const hessian = Float64Array.from({ length: p * p }, (_, at) => (at % (p + 1) === 0 ? 1 : 0));
    hessian[0] = -1;
    const gradient = new Float64Array(p);
    gradient[1] = 1;
    const step = new Float64Array(p);
    expect(trustRegionStep(hessian, gradient, p, p, 5, step, stepWorkspace(p))).toBeGreaterThanOrEqual(1);
    expect(Math.hypot(...step)).toBeLessThanOrEqual(5.5);
    expect(quadratic(hessian, gradient, step)).toBeLessThan(-0.3);
  });
});
