import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { createSolver, type LeastSquaresProblem } from "../src/index.ts";
import { bruteForceQuadratic } from "./support/brute-force-quadratic.ts";
import { classicProblems, rosenbrock } from "./support/classic-problems.ts";
import { jetProblem } from "./support/jet-problem.ts";
import { linearProblem } from "./support/linear-problem.ts";

const tight = { cosineTolerance: 1e-10, reductionTolerance: 1e-12 };

describe.each([true, false])("with the exact Hessian: %s, the solver", (exact) => {
  test.each(classicProblems.map((problem) => [problem.name, problem] as const))(
    "solves %s",
    (_name, problem) => {
      const dimension = problem.start.length;
      const solver = createSolver(jetProblem({ dimension, exact, residuals: problem.residuals }));
      const { status, theta, sse } = solver.solve(Float64Array.from(problem.start), tight);
      // Without noise S keeps falling by a constant factor at a singular solution: there is no last step.
      if (!problem.singular) expect(["converged", "no-progress"]).toContain(status);
      if (problem.sse === 0) expect(sse).toBeLessThan(1e-12);
      else expect(Math.abs(sse / problem.sse - 1)).toBeLessThan(1e-9);
      const { closeness = 1e-6 } = problem;
      theta.forEach((value, i) => {
        const target = problem.solution[i];
        expect(Math.abs(value - target) / (target === 0 ? 1 : Math.abs(target))).toBeLessThan(closeness);
      });
    },
  );

  test("stops at the bound of Rosenbrock's valley: x <= 1/2 gives (1/2, 1/4) and S = 1/4", () => {
    const upper = Float64Array.of(0.5, Infinity);
    const problem = jetProblem({ dimension: 2, exact, residuals: rosenbrock.residuals, upper });
    const { status, theta, sse } = createSolver(problem).solve(Float64Array.of(-1.2, 1), tight);
    expect(status).toBe("converged");
    expect(theta[0]).toBe(0.5);
    expect(theta[1]).toBeCloseTo(0.25, 9);
    expect(sse).toBeCloseTo(0.25, 12);
  });

  test("leaves a bound that it does not need: the same valley from a start on x = -1.5 <= x", () => {
    const lower = Float64Array.of(-1.5, -0.5);
    const problem = jetProblem({ dimension: 2, exact, residuals: rosenbrock.residuals, lower });
    const { theta, sse } = createSolver(problem).solve(Float64Array.of(-1.5, -0.5), tight);
    expect(sse).toBeLessThan(1e-18);
    expect(theta[0]).toBeCloseTo(1, 8);
  });

  test("moves a start outside the bounds inside first", () => {
    const [lower, upper] = [Float64Array.of(-2, -2), Float64Array.of(0.5, 2)];
    const problem = jetProblem({ dimension: 2, exact, residuals: rosenbrock.residuals, lower, upper });
    const { theta } = createSolver(problem).solve(Float64Array.of(50, -70), tight);
    expect([...theta].map((value) => Number(value.toFixed(8)))).toEqual([0.5, 0.25]);
  });

  test("finds the log shares under a sum-zero gauge: softmax(theta) = target has theta = log target less its mean", () => {
    const target = [0.1, 0.2, 0.3, 0.4];
    const free = jetProblem({
      dimension: 4,
      exact,
      residuals: (theta) => {
        const powers = theta.map((value) => value.exp());
        const total = powers.reduce((sum, value) => sum.plus(value));
        return powers.map((value, i) => value.over(total).minus(target[i]));
      },
    });
    const problem: LeastSquaresProblem = { ...free, sumZero: [Int32Array.of(0, 1, 2, 3)] };
    const { theta, sse } = createSolver(problem).solve(Float64Array.of(1, 0, -1, 2), tight);
    const mean = target.reduce((sum, share) => sum + Math.log(share), 0) / 4;
    theta.forEach((value, i) => expect(value).toBeCloseTo(Math.log(target[i]) - mean, 7));
    expect(sse).toBeLessThan(1e-16);
    expect(Math.abs(theta.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-12);
  });
});

describe("linear least squares over random polytopes agree with the brute-force quadratic programme", () => {
  test.each(Array.from({ length: 40 }, (_, i) => i))("number %i", (index) => {
    const random = stream("solver polytope", index);
    const p = 4;
    const rows = 7;
    const design = Float64Array.from({ length: rows * p }, () => random.normal());
    const target = Float64Array.from({ length: rows }, () => 2 * random.normal());
    const lower = Float64Array.from({ length: p }, () => -0.2 - random.uniform());
    const upper = Float64Array.from({ length: p }, () => 0.2 + random.uniform());
    const groups: Int32Array[][] = [
      [],
      [Int32Array.of(0, 1, 2, 3)],
      [Int32Array.of(0, 2), Int32Array.of(1, 3)],
      [Int32Array.of(1, 2, 3)],
    ];
    const sumZero = groups[index % 4];
    // A gauge: the residuals may not change when a group is shifted, so every group's columns are centred.
    for (const group of sumZero) {
      for (let row = 0; row < rows; row++) {
        const mean = group.reduce((sum, i) => sum + design[row * p + i], 0) / group.length;
        for (const i of group) design[row * p + i] -= mean;
      }
    }
    const { problem, hessian, gradient } = linearProblem({ design, target, lower, upper, exact: false });
    const { theta, sse, status } = createSolver({ ...problem, sumZero }).solve(new Float64Array(p), tight);

    // On the polytope a ridge along the gauge changes nothing; it makes the brute force's systems regular.
    for (const group of sumZero) for (const i of group) for (const j of group) hessian[i * p + j] += 1;
    const expected = bruteForceQuadratic(hessian, gradient, { lower, upper, sumZero });
    expect(sse).toBeLessThanOrEqual(problem.value(expected) * (1 + 1e-9));
    theta.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
    expect(["converged", "no-progress"]).toContain(status);
  });
});

describe("a solve", () => {
  const problem = jetProblem({ dimension: 2, exact: true, residuals: rosenbrock.residuals });
  const start = Float64Array.from(rosenbrock.start);

  test("gives the same bits again, whatever the solver did in between", () => {
    const solver = createSolver(problem);
    const first = solver.solve(start);
    solver.solve(Float64Array.of(7, -3), { maxIterations: 5 });
    expect(solver.solve(start)).toEqual(first);
    expect(createSolver(problem).solve(start)).toEqual(first);
    expect([...start]).toEqual(rosenbrock.start);
  });

  test("keeps its result when the solver goes on to another one", () => {
    const solver = createSolver(problem);
    const { theta } = solver.solve(start, tight);
    solver.solve(Float64Array.of(7, -3), { maxIterations: 2 });
    expect(theta[0]).toBeCloseTo(1, 9);
  });

  test("that is cancelled says so and returns a point no worse than its start", () => {
    let polls = 0;
    const result = createSolver(problem).solve(start, { cancelled: () => ++polls > 3 });
    expect(result.status).toBe("cancelled");
    expect(result.iterations).toBe(3);
    expect(result.sse).toBeLessThanOrEqual(problem.value(start));
    expect(problem.value(result.theta)).toBe(result.sse);
  });

  test("stops at its number of iterations", () => {
    const result = createSolver(problem).solve(start, { maxIterations: 2 });
    expect([result.status, result.iterations]).toEqual(["max-iterations", 2]);
  });

  test("is given up only where its end is sure to be above the limit", () => {
    const { residuals } = rosenbrock;
    const upper = Float64Array.of(0.5, Infinity);
    const solver = createSolver(jetProblem({ dimension: 2, exact: true, residuals, upper }));
    const start = Float64Array.of(0, 0);
    const end = solver.solve(start, tight).sse;
    const below = solver.solve(start, { ...tight, abandonAbove: 0.5 * end });
    expect(below.status).toBe("abandoned");
    expect(below.sse).toBeGreaterThan(end);
    expect(solver.solve(start, { ...tight, abandonAbove: 1.001 * end }).sse).toBeCloseTo(end, 12);
  });

  test("starts with a radius in noise standard deviations where one is given", () => {
    const linear = jetProblem({
      dimension: 1,
      exact: true,
      residuals: ([t]) => [t.plus(-1000)],
    });
    const { theta } = createSolver(linear).solve(Float64Array.of(0), {
      maxIterations: 1,
      noiseVariance: 4,
      initialNoise: 3,
    });
    expect(theta[0]).toBeGreaterThan(5);
    expect(theta[0]).toBeLessThan(7);
  });

  test("that starts where S is not finite says so instead of throwing", () => {
    const bad = jetProblem({ dimension: 1, exact: false, residuals: ([x]) => [x.log()] });
    expect(createSolver(bad).solve(Float64Array.of(-1)).status).toBe("non-finite");
  });

  test("steps back from a point where S is not finite", () => {
    const steep = jetProblem({ dimension: 1, exact: false, residuals: ([x]) => [x.log().plus(3)] });
    const result = createSolver(steep).solve(Float64Array.of(4), tight);
    expect(result.theta[0]).toBeCloseTo(Math.exp(-3), 9);
  });

  test("with every parameter held by its bounds ends at once", () => {
    const held = jetProblem({
      dimension: 2,
      exact: true,
      residuals: rosenbrock.residuals,
      lower: Float64Array.of(0, 0),
      upper: Float64Array.of(0, 0),
    });
    expect(createSolver(held).solve(Float64Array.of(0, 0))).toMatchObject({
      status: "converged",
      sse: 1,
      iterations: 0,
    });
  });
});
