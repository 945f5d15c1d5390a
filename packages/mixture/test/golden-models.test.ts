import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  type FamilySpec,
  type MixtureModel,
} from "../src/index.ts";
import { engines } from "./support/guarded-columns.ts";

/** Made by tools/golden/hierarchical.py: f, its gradient and, at the first point, the upper triangle of its Hessian, row by row. */
interface GoldenModel {
  gating: FamilySpec;
  expert: FamilySpec;
  inputDim: number;
  atoms: number;
  theta: Record<string, number>;
  points: { x: number[]; value: number; gradient: number[]; hessian?: number[][] }[];
}

const casesOf = (file: string): GoldenModel[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), "utf8"));

const title = ({ gating, expert, inputDim, atoms }: GoldenModel) =>
  `${JSON.stringify(gating)} with ${JSON.stringify(expert)}, ${atoms} atoms, d = ${inputDim}`;

describe.each(["hierarchical", "wide-experts"])("50-digit values of the formula, %s", (file) => {
  test.each(casesOf(file).map((golden) => [title(golden), golden] as const))("%s", (_title, golden) => {
    const model = createModel(golden);
    expect(Object.keys(golden.theta)).toEqual(model.parameterNames);
    const theta = Float64Array.from(Object.values(golden.theta));
    for (const { x, value, gradient, hessian } of golden.points) {
      const out = new Float64Array(1);
      model.regression(theta, Float64Array.from(x), 1, out);
      expect(Math.abs(out[0] - value)).toBeLessThan(1e-14 * Math.max(1, Math.abs(value)));
      for (const engine of Object.keys(engines)) {
        const computed = derivativesAt(model, theta, x, engine);
        computed.gradient.forEach((slope, i) => expect(Math.abs(slope - gradient[i])).toBeLessThan(1e-13));
        hessian?.forEach((row, i) =>
          row.forEach((bend, at) => expect(Math.abs(computed.hessian(i, i + at) - bend)).toBeLessThan(1e-12)),
        );
      }
    }
  });
});

/** Gradient and Hessian of f at one x, read off the least-squares objective of one observation y = f(x) - 1, whose residual is 1:
 *  the gradient of S/2 is that of f, its Hessian is f'f'^T + f''. */
function derivativesAt(model: MixtureModel, theta: Float64Array, x: readonly number[], engine: string) {
  const p = model.parameterCount;
  const columns = model.inputDim + 1;
  const kernels = engines[engine](dataDoubles(1, model.inputDim, false) + objectiveDoubles(model, columns));
  const f = new Float64Array(1);
  model.regression(theta, Float64Array.from(x), 1, f);
  const y = Float64Array.from([f[0] - 1]);
  const data = loadData(kernels, {
    x: Float64Array.from(x),
    y,
    inputDim: model.inputDim,
    normalised: false,
  });
  const gradient = new Float64Array(p);
  const hessian = new Float64Array(p * p);
  createObjective(model, data, kernels).derivatives(theta, gradient, new Float64Array(p), hessian, true);
  return {
    gradient,
    hessian: (i: number, j: number) => hessian[i * p + j] - gradient[i] * gradient[j],
  };
}
