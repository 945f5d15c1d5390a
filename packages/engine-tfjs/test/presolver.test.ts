import { fitGlobal, globalFitDoubles } from "@moe-rates/estimators";
import type { ExpertFamily } from "@moe-rates/experts";
import { referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import {
  createModel,
  type Families,
  type MixtureModel,
  shippedFamilies,
  withPlugin,
} from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { costTable, forwardExpert, openTensorflow, tensorPresolver, tensorRecompute } from "../src/index.ts";
import { backends, use } from "./support/backends.ts";

const random = stream("presolver");
const numbers = (count: number, scale = 1) =>
  Float64Array.from({ length: count }, () => scale * random.normal());

function sumOfSquares(
  model: MixtureModel,
  { x, y }: { x: Float64Array; y: Float64Array },
  theta: Float64Array,
) {
  const fitted = new Float64Array(y.length);
  model.regression(theta, x, y.length, fitted);
  return y.reduce((sum, value, i) => sum + (value - fitted[i]) ** 2, 0);
}

test("first steps are taken from the size of the cost table on, and lower every sum of squares", async () => {
  const presolve = tensorPresolver(await openTensorflow());
  const tanh = (width: number) =>
    createModel({
      gating: "softmax",
      expert: { family: "ffn", activation: "tanh", width, scale: true },
      inputDim: 5,
      atoms: 2,
    });
  const [narrow, wide] = [tanh(41), tanh(43)];
  expect(narrow.parameterCount).toBeLessThan(costTable.parametersFrom);
  expect(wide.parameterCount).toBeGreaterThanOrEqual(costTable.parametersFrom);
  const data = { x: numbers(5 * 64), y: numbers(64) };
  const startsOf = (model: MixtureModel) => [0, 1].map(() => numbers(model.parameterCount, 0.3));
  expect(presolve({ model: narrow, box: 10, data, starts: startsOf(narrow) })).toBe(null);
  const starts = startsOf(wide);
  const near = presolve({ model: wide, box: 10, data, starts });
  expect(near).toHaveLength(2);
  near?.forEach((theta, s) => {
    expect(sumOfSquares(wide, data, theta)).toBeLessThan(0.1 * sumOfSquares(wide, data, starts[s]));
    expect(Math.max(...theta.map(Math.abs))).toBeLessThanOrEqual(10);
  });
});

describe("the second computation at an estimate", () => {
  /** x exp(-slope x), and on tensors that times `factor`. */
  async function hump(factor: number): Promise<Families> {
    const family = await forwardExpert({
      name: "hump",
      description: "x exp(-slope x)",
      parameters: () => [{ name: "slope", length: null }],
      forward: (tf, [x], { slope }) => tf.mul(x, tf.exp(tf.neg(tf.mul(slope, x)))),
    });
    const experts: Record<string, ExpertFamily> = {
      hump: {
        ...family,
        tensors: ((tf, ...given) => tf.mul(factor, family.tensors(tf, ...given))) as typeof family.tensors,
      } as ExpertFamily,
    };
    return withPlugin(shippedFamilies, { experts }, "test");
  }

  async function fitted(factor: number) {
    await use("tfjs-cpu");
    const tensorflow = backends.get("tfjs-cpu")!;
    if (tensorflow instanceof Error) throw tensorflow;
    const families = await hump(factor);
    const models = [1, 2].map((atoms) =>
      createModel({ gating: "softmax", expert: "hump", inputDim: 1, atoms, families }),
    );
    const modelWith = (atoms: number) => models[atoms - 1];
    const [, truth] = models;
    const data = stream("hump");
    const x = Float64Array.from({ length: 300 }, () => 4 * data.uniform() - 2);
    const y = new Float64Array(300);
    const atoms = [
      { beta1: [2], beta0: 0.3, slope: 0.8 },
      { beta1: [0], beta0: 0, slope: -0.6 },
    ];
    truth.regression(truth.pack(atoms), x, 300, y);
    for (let i = 0; i < 300; i++) y[i] += 0.1 * data.normal();
    return fitGlobal({
      kernels: referenceKernels(globalFitDoubles(300, truth)),
      x,
      y,
      inputDim: 1,
      modelWith,
      atoms: 2,
      box: 10,
      policy: { random: 6, kMeans: 2, split: 2, add: 2, around: 0 },
      points: [],
      random: (purpose) => stream("hump", purpose),
      recompute: tensorRecompute(tensorflow),
    });
  }

  test("agrees with a family whose forward pass on tensors is the same function", async () => {
    expect(await fitted(1)).toMatchObject({ certified: true });
  });

  test("refuses the certificate of a family whose tensors compute something else", async () => {
    const { certified, certificate } = await fitted(1.2);
    expect(certified).toBe(false);
    expect(certificate.reasons.join()).toContain("a second computation gives the sum of squares");
  });
});
