import { describe, expect, test } from "vitest";
import { rememberedProblem } from "../src/remembered-problem.ts";
import { residualProblem } from "../src/problem.ts";

function counted() {
  let passes = 0;
  let version = 0;
  let target = 1;
  const problem = rememberedProblem(
    residualProblem({
      dimension: 2,
      residualCount: 2,
      residuals(theta, out) {
        passes++;
        out[0] = theta[0] * theta[1] - target;
        out[1] = theta[0] - 2;
      },
      jacobian: (theta, out) => out.set([theta[1], theta[0], 1, 0]),
      curvature(_, [first], hessian) {
        hessian[1] += first;
        hessian[2] += first;
      },
    }),
    () => version,
  );
  const at = (theta: number[], second = true) => {
    const [gradient, norms, hessian] = [new Float64Array(2), new Float64Array(2), new Float64Array(4)];
    const sse = problem.derivatives(Float64Array.from(theta), gradient, norms, hessian, second);
    return { sse, gradient, norms, hessian };
  };
  const change = () => {
    target = 5;
    version++;
  };
  return { at, change, passes: () => passes };
}

describe("a problem that remembers its last points", () => {
  test("gives the same numbers again without another pass, three points back", () => {
    const { at, passes } = counted();
    const first = at([3, 0.5]);
    expect(first.sse).toBe(1.25);
    at([1, 1]);
    at([2, 1]);
    expect(passes()).toBe(3);
    expect(at([3, 0.5])).toEqual(first);
    expect(passes()).toBe(3);
    at([4, 1]);
    expect(at([3, 0.5])).toEqual(first);
    expect(passes()).toBe(5);
  });

  test("tells Gauss-Newton from the exact Hessian", () => {
    const { at } = counted();
    expect(at([3, 0.5], false).hessian[1]).toBe(1.5);
    expect(at([3, 0.5], true).hessian[1]).toBe(2);
    expect(at([3, 0.5], false).hessian[1]).toBe(1.5);
  });

  test("forgets everything when the data change", () => {
    const { at, change } = counted();
    expect(at([2, 2.5]).sse).toBe(16);
    change();
    expect(at([2, 2.5]).sse).toBe(0);
  });
});
