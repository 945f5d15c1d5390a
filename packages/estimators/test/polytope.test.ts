import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { projectOntoPolytope } from "../src/index.ts";
import { bruteForceQuadratic } from "./support/brute-force-quadratic.ts";

const identity = (p: number) => Float64Array.from({ length: p * p }, (_, at) => (at % (p + 1) === 0 ? 1 : 0));

describe("the projection onto bounds and sum-zero groups", () => {
  test.each(Array.from({ length: 100 }, (_, i) => i))("is the nearest point, random polytope %i", (index) => {
    const random = stream("polytope", index);
    const p = 5;
    const lower = Float64Array.from({ length: p }, () => -random.uniform());
    const upper = Float64Array.from({ length: p }, () => random.uniform());
    const groups: Int32Array[][] = [
      [],
      [Int32Array.of(0, 1, 2)],
      [Int32Array.of(0, 3), Int32Array.of(1, 2, 4)],
      [Int32Array.of(0, 1, 2, 3, 4)],
    ];
    const sumZero = groups[index % 4];
    const theta = Float64Array.from({ length: p }, () => 2 * random.normal());
    const expected = bruteForceQuadratic(
      identity(p),
      theta.map((value) => -value),
      { lower, upper, sumZero },
    );
    projectOntoPolytope(theta, lower, upper, sumZero);
    theta.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 9));
    const again = theta.slice();
    projectOntoPolytope(again, lower, upper, sumZero);
    again.forEach((value, i) => expect(value).toBeCloseTo(theta[i], 12));
  });

  test("subtracts the mean where no bound is near", () => {
    const theta = Float64Array.of(1, 2, 6);
    projectOntoPolytope(theta, new Float64Array(3).fill(-10), new Float64Array(3).fill(10), [
      Int32Array.of(0, 1, 2),
    ]);
    expect([...theta]).toEqual([-2, -1, 3]);
  });

  test("never leaves the bounds, infinite ones included", () => {
    const theta = Float64Array.of(1e300, -1e300, 5);
    projectOntoPolytope(theta, Float64Array.of(-1, -1, -Infinity), Float64Array.of(1, 1, Infinity), []);
    expect([...theta]).toEqual([1, -1, 5]);
  });
});
