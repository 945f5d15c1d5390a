import { stream } from "@moe-rates/math";
import { expect, test } from "vitest";
import { createSolver } from "../src/index.ts";
import { bruteForceQuadratic } from "./support/brute-force-quadratic.ts";
import { linearProblem } from "./support/linear-problem.ts";

/** Linear residuals R theta - t whose columns nearly compensate each other in pairs, so that the minimiser lies far outside the bounds. */
function valley(index: number) {
  const random = stream("valley along bounds", index);
  const p = 4;
  const rows = 8;
  const design = Float64Array.from({ length: rows * p }, () => random.normal());
  for (let row = 0; row < rows; row++)
    for (const i of [0, 2]) design[row * p + i + 1] = design[row * p + i] + 0.02 * random.normal();
  const target = Float64Array.from({ length: rows }, () => 3 * random.normal());
  const [lower, upper] = [new Float64Array(p).fill(-2), new Float64Array(p).fill(2)];
  const { problem, hessian, gradient } = linearProblem({ design, target, lower, upper, exact: true });
  const expected = bruteForceQuadratic(hessian, gradient, { lower, upper, sumZero: [] });
  return { problem, expected };
}

test("a parameter that would pass its bound stops there and the others are solved for: valleys along bounds take a few evaluations", () => {
  const evaluations = Array.from({ length: 60 }, (_, index) => {
    const { problem, expected } = valley(index);
    const options = { cosineTolerance: 1e-9, reductionTolerance: 1e-12, initialRadius: 1e3 };
    const found = createSolver(problem).solve(Float64Array.of(0.1, -0.2, 0.3, 0.1), options);
    expect(found.sse).toBeLessThanOrEqual(problem.value(expected) * (1 + 1e-9));
    return found.evaluations;
  });
  expect(Math.max(...evaluations)).toBeLessThanOrEqual(10);
});
