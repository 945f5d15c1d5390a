import { createSolver, fitGlobal, mixtureProblem, type Presolver, type Recompute } from "../src/index.ts";
import { describe, expect, test } from "vitest";
import { drawData, objectiveOn, requestFor } from "./support/mixture-data.ts";

const data = drawData("second computation", 600);
const policy = { random: 2, kMeans: 1, split: 1, add: 2, around: 0 };
const own = requestFor(data, 2, { policy });
const plain = fitGlobal(own);

/** The same numbers from kernels of their own, changed by `change`. */
function recompute(change: (again: { sse: number; gradient: Float64Array }) => void): Recompute {
  return ({ model, data: { x, y }, theta }) => {
    const p = model.parameterCount;
    const gradient = new Float64Array(p);
    const problem = mixtureProblem(objectiveOn(model, { x, y }), 10);
    const sse = problem.derivatives(theta, gradient, new Float64Array(p), new Float64Array(p * p), false);
    const again = { sse, gradient };
    change(again);
    return again;
  };
}

describe("a second computation of S and its gradient at the estimate", () => {
  const fit = (again: Recompute) => fitGlobal({ ...own, recompute: again });

  test("leaves the fit and its certificate as they are where it agrees, or knows nothing of the model", () => {
    expect(plain.certified).toBe(true);
    for (const again of [recompute(() => {}), () => null]) {
      const { theta, sse, certificate } = fit(again);
      expect({ theta, sse, certificate }).toEqual({
        theta: plain.theta,
        sse: plain.sse,
        certificate: plain.certificate,
      });
    }
  });

  test("takes the certificate away where it gives another sum of squares", () => {
    const { certified, sse, certificate } = fit(recompute((again) => (again.sse *= 1.02)));
    expect({ certified, sse }).toEqual({ certified: false, sse: plain.sse });
    expect(certificate.reasons).toEqual([
      expect.stringMatching(/^a second computation gives the sum of squares .*, not /),
    ]);
    expect(fit(recompute((again) => (again.sse = NaN))).certified).toBe(false);
  });

  test("takes it away where one derivative is another one, and names the parameter", () => {
    const { certified, certificate } = fit(recompute(({ gradient }) => (gradient[4] += 1)));
    expect(certified).toBe(false);
    expect(certificate.reasons).toEqual([
      expect.stringContaining(`another derivative in ${data.truth.parameterNames[4]}: 1.00, not `),
    ]);
  });
});

describe("first steps of another engine", () => {
  test("that leaves every start to the solver change no bit", () => {
    const { theta, iterations, starts } = fitGlobal({ ...own, presolve: () => null });
    expect({ theta, iterations, starts }).toEqual({
      theta: plain.theta,
      iterations: plain.iterations,
      starts: plain.starts,
    });
  });

  test("are taken for whole batches of starts, and the solver goes on from where they lead", () => {
    const batches: number[] = [];
    const presolve: Presolver = ({ model, box, data: { x, y }, starts }) => {
      batches.push(starts.length);
      const solver = createSolver(mixtureProblem(objectiveOn(model, { x, y }), box));
      return starts.map((start) => solver.solve(start, { maxIterations: 5 }).theta);
    };
    const near = fitGlobal({ ...own, presolve });
    expect(Math.max(...batches)).toBeGreaterThanOrEqual(6);
    expect(near.certified).toBe(true);
    expect(Math.abs(near.sse - plain.sse)).toBeLessThan(0.01 * data.noise ** 2);
  });
});
