import { residualProblem } from "@moe-rates/estimators";
import { targetLoss } from "@moe-rates/losses";
import { stream } from "@moe-rates/math";
import { createModel } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { atomDistance, atomParts, cellsOf, withPull } from "../src/atom-distance.ts";

const model = createModel({
  gating: "sigmoid",
  expert: { family: "ffn", activation: "tanh" },
  inputDim: 2,
  atoms: 3,
});
const parts = atomParts(model);
const p = model.parameterCount;
const draw = (...key: (string | number)[]) => {
  const random = stream("atom distance", ...key);
  return Float64Array.from({ length: p }, () => random.normal());
};

describe("the distance between parameter vectors of sigmoid models", () => {
  test("is the loss towards a target, whatever the order of its atoms", () => {
    for (let i = 0; i < 50; i++) {
      const [fitted, target] = [draw("fitted", i), draw("target", i)];
      const { total } = targetLoss(model.measure(fitted), [model.measure(target)]);
      expect(atomDistance(parts, fitted, target)).toBeCloseTo(total, 12);
      const turned = model.pack(model.unpack(target).reverse());
      expect(atomDistance(parts, fitted, turned)).toBeCloseTo(total, 12);
    }
  });

  test("pulls with the gradient and the Hessian of central differences, on top of the problem's own", () => {
    const problem = residualProblem({
      dimension: p,
      residualCount: p,
      residuals: (theta, out) => theta.forEach((value, i) => (out[i] = (i + 1) * value)),
      jacobian: (_theta, out) => {
        out.fill(0);
        for (let i = 0; i < p; i++) out[i * p + i] = i + 1;
      },
    });
    const [fitted, at] = [draw("fitted"), draw("at")];
    const cells = Int32Array.of(1, 1, 0);
    const pulled = withPull(problem, { parts, fitted, cells, weight: 3, rounding: 0.05 });
    const derivatives = (theta: Float64Array) => {
      const gradient = new Float64Array(p);
      const hessian = new Float64Array(p * p);
      const sse = pulled.derivatives(theta, gradient, new Float64Array(p), hessian, true);
      return { sse, gradient, hessian };
    };
    const own = derivatives(at);
    expect(own.sse).toBeCloseTo(pulled.value(at), 10);
    const step = 1e-5;
    for (let i = 0; i < p; i++) {
      const [up, down] = [1, -1].map((sign) => at.map((value, j) => value + (i === j ? sign * step : 0)));
      expect(own.gradient[i]).toBeCloseTo((pulled.value(up) - pulled.value(down)) / (4 * step), 6);
      const [above, below] = [derivatives(up).gradient, derivatives(down).gradient];
      for (let j = 0; j < p; j++)
        expect(own.hessian[i * p + j]).toBeCloseTo((above[j] - below[j]) / (2 * step), 5);
    }
  });

  test("takes cells by gate slope and expert alone", () => {
    const atoms = [0, 1, 2].map((j) => ({ beta1: [j, 0], beta0: 0, a: [1, j], b: 0 }));
    const target = model.pack(atoms);
    const fitted = model.pack(atoms.map((atom, j) => ({ ...atom, beta0: 9 - j })).reverse());
    expect([...cellsOf(parts, fitted, target)]).toEqual([2, 1, 0]);
  });
});
