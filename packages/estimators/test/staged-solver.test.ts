import { referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  overwriteData,
  type MixtureModel,
} from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import {
  createSolver,
  createStagedSolver,
  defaultSolverOptions,
  mixtureProblem,
  roughDoubles,
} from "../src/index.ts";

const noise = 0.1;
const box = 50;
const expert = { family: "ffn", activation: "tanh" } as const;

/** Two well separated atoms; x uniform on [-2, 2]^d. */
function sample(d: number, n: number, key: string) {
  const model = createModel({ gating: "softmax", expert, inputDim: d, atoms: 2 });
  const axis = (u: number, size: number) => Array.from({ length: d }, (_, i) => (i === u ? size : 0.3));
  const truth = model.pack([
    { beta1: axis(0, 1.5), beta0: 0.3, a: axis(0, 2), b: 0.5 },
    { beta1: axis(0, 0).map(() => 0), beta0: 0, a: axis(d - 1, -1.8), b: d === 1 ? 1.5 : -0.4 },
  ]);
  const random = stream("staged", key, d, n);
  const x = Float64Array.from({ length: d * n }, () => 4 * random.uniform() - 2);
  const y = new Float64Array(n);
  model.regression(truth, x, n, y);
  for (let i = 0; i < n; i++) y[i] += noise * random.normal();
  const start = truth.map((value) => value + 0.1 * random.normal());
  return { model, x, y, start, n, d };
}

function bind({ model, x, y, n, d }: Omit<ReturnType<typeof sample>, "start">, within = box) {
  const doubles =
    dataDoubles(n, d, false) +
    roughDoubles(n, d, model.parameterCount, false) +
    5 * objectiveDoubles(model, d + 1);
  const kernels = referenceKernels(doubles);
  const blocks = loadData(kernels, { x, y, inputDim: d, normalised: false });
  const plain = createSolver(mixtureProblem(createObjective(model, blocks, kernels), within));
  const staged = createStagedSolver({ kernels, model, box: within, blocks, x, y });
  return { kernels, blocks, plain, staged };
}

/** Both stop tests at a point of all data, from the exact Hessian there: how far the plain solver would still go, and the largest cosine. */
function stopTests({ problem, solve }: ReturnType<typeof createSolver>, theta: Float64Array) {
  const p = problem.dimension;
  const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];
  const sse = problem.derivatives(theta, gradient, norms, hessian, true);
  for (const members of problem.sumZero) {
    const mean = members.reduce((sum, i) => sum + gradient[i], 0) / members.length;
    for (const i of members) gradient[i] -= mean;
  }
  const cosine = Math.max(...gradient.map((slope, i) => Math.abs(slope) / Math.sqrt(norms[i] * sse)));
  const tight = solve(theta, { gaussNewtonSteps: 0, cosineTolerance: 1e-10, reductionTolerance: 1e-12 });
  return { sse, cosine, fall: sse - tight.sse };
}

describe("a solver that takes its first steps on rough data", () => {
  test.each([
    ["means of 256 cells", 2, 1000],
    ["means of 576 cells", 2, 6000],
    ["means of 4,096 cells", 2, 50_000],
    ["cells of a line", 1, 6000],
    ["every so many rows of three inputs", 3, 20_000],
  ])("meets the stopping rule on all data in fewer passes than from the start, with %s", (_, d, n) => {
    const data = sample(d, n, "rule");
    const { staged, plain } = bind(data);
    const { cosineTolerance } = defaultSolverOptions;
    const found = staged.solve(data.start, { cosineTolerance });
    const direct = plain.solve(data.start);
    const { sse, cosine, fall } = stopTests(plain, found.theta);
    expect(staged.way()).toBe("quick");
    expect(found.status).toBe("converged");
    expect(found.evaluations).toBeLessThanOrEqual(direct.evaluations);
    expect(staged.solve(data.start).evaluations).toBeLessThan(direct.evaluations);
    expect(cosine).toBeLessThanOrEqual(defaultSolverOptions.cosineTolerance);
    expect(fall).toBeLessThanOrEqual(defaultSolverOptions.reductionTolerance * noise ** 2);
    expect(Math.abs(found.sse - sse)).toBeLessThanOrEqual(1e-5 * noise ** 2);
    expect(Math.abs(sse - direct.sse)).toBeLessThanOrEqual(1e-4 * noise ** 2);
  });

  test.each([
    ["the Hessian of all data", 1000],
    ["the Hessian of 484 cells", 10_000],
    ["the Hessian of 4,096 cells", 50_000],
  ])("leaves a fall of S within the tolerance after two passes, with %s", (_, n) => {
    const data = sample(2, n, "two passes");
    const { staged, plain } = bind(data);
    const found = staged.solve(data.start);
    const { sse, fall } = stopTests(plain, found.theta);
    expect(found.evaluations).toBe(2);
    expect(found.status).toBe("converged");
    expect(fall).toBeLessThanOrEqual(defaultSolverOptions.reductionTolerance * noise ** 2);
    expect(found.predictedReduction).toBeLessThanOrEqual(defaultSolverOptions.reductionTolerance);
    expect(Math.abs(found.sse - sse)).toBeLessThanOrEqual(1e-3 * noise ** 2);
  });

  test("a start from which Gauss-Newton steps on cells lead nowhere is solved with trust regions", () => {
    const data = sample(2, 6000, "far");
    const far = data.start.map((value, i) => (i % 2 === 0 ? -3 : 2) * value + 1);
    const { staged, plain } = bind(data);
    const [found, direct] = [staged.solve(far), plain.solve(far)];
    expect(found.status).toBe("converged");
    expect(found.sse).toBeLessThan(plain.problem.value(far));
    expect(stopTests(plain, found.theta).fall).toBeLessThanOrEqual(0.01 * noise ** 2);
    expect(direct.status).toBe("converged");
  });

  test("gives the bits of a fresh solver after another sample was written over the first", () => {
    const [first, second] = [sample(2, 1500, "first"), sample(2, 1500, "second")];
    const { kernels, blocks, staged } = bind(first);
    staged.solve(first.start);
    overwriteData(kernels, blocks, second);
    staged.refill(second.x, second.y);
    expect(staged.solve(second.start)).toEqual(bind(second).staged.solve(second.start));
  });

  test("solves from the start where the sample is too small for rough data", () => {
    const data = sample(3, 300, "small");
    const { staged, plain } = bind(data);
    expect(staged.solve(data.start)).toEqual(plain.solve(data.start));
    expect(staged.way()).toBe("from-start");
  });

  test("keeps to the box: a minimum on its face is that of the plain solver", () => {
    const data = sample(2, 3000, "bound");
    const { staged, plain } = bind(data, 1.2);
    const [found, direct] = [staged.solve(data.start), plain.solve(data.start)];
    expect(staged.way()).toBe("from-near");
    expect(found.status).toBe("converged");
    expect(Math.max(...found.theta)).toBe(1.2);
    expect(Math.abs(found.sse - direct.sse)).toBeLessThanOrEqual(1e-3 * noise ** 2);
  });

  test("a flat minimum, with an atom too many, is finished step by step", () => {
    const data = sample(2, 6000, "flat");
    const model: MixtureModel = createModel({ gating: "softmax", expert, inputDim: 2, atoms: 3 });
    const two = data.model.unpack(data.start);
    const random = stream("staged", "third");
    const starts = Array.from({ length: 4 }, () =>
      model.pack([...two, two[1]]).map((value) => value + 0.2 * random.normal()),
    );
    const { staged, plain } = bind({ ...data, model });
    const each = starts.map((start) => {
      const found = staged.solve(start);
      const { cosine, fall } = stopTests(plain, found.theta);
      expect(found.status).toBe("converged");
      expect(cosine).toBeLessThanOrEqual(2e-6);
      expect(fall).toBeLessThanOrEqual(1e-2 * noise ** 2);
      return found.sse;
    });
    const best = staged.solveBest(starts);
    expect(best.status).toBe("converged");
    expect(best.sse).toBeLessThanOrEqual(Math.min(...each) + 0.01 * noise ** 2);
  });

  test("cancellation and a missing start are told apart from results", () => {
    const data = sample(2, 1500, "cancelled");
    const { staged } = bind(data);
    expect(staged.solve(data.start, { cancelled: () => true }).status).toBe("cancelled");
    expect(() => staged.solveBest([])).toThrow("needs a start");
  });
});
