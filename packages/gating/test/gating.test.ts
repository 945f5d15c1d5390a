import { BLOCK, referenceKernels } from "@moe-rates/kernels";
import { logistic, logSumExp, stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { gatings, type GatingFamily } from "../src/index.ts";

const atoms = 4;

function weightsOf(family: GatingFamily, scores: readonly (readonly number[])[]): number[][] {
  const gating = family.create(2, atoms, {});
  const kernels = referenceKernels(40 * BLOCK);
  const { f64 } = kernels.memory;
  const block = () => kernels.memory.allocate(atoms * BLOCK);
  const channels = block();
  const columns = {
    stride: BLOCK,
    channels: Array.from({ length: atoms }, (_, j) => channels + j * BLOCK),
    weights: block(),
    experts: block(),
    regression: block(),
    first: block(),
    second: [],
    weightFirst: [],
    basis: -1,
    scratch: -1,
  };
  scores.forEach((row, i) => row.forEach((score, j) => (f64[channels + j * BLOCK + i] = score)));
  gating.weights(kernels, columns, scores.length);
  return scores.map((row, i) => row.map((_, j) => f64[columns.weights + j * BLOCK + i]));
}

const random = stream("gating test");
const moderate = Array.from({ length: BLOCK }, () =>
  Array.from({ length: atoms }, () => 3 * random.normal()),
);

describe("softmax", () => {
  test("weights are exp(s_j - log sum exp s)", () => {
    weightsOf(gatings.softmax, moderate).forEach((weights, i) => {
      const total = logSumExp(Float64Array.from(moderate[i]));
      weights.forEach((p, j) =>
        expect(Math.abs(p - Math.exp(moderate[i][j] - total))).toBeLessThan(4e-16 * 4),
      );
    });
  });

  test("weights sum to one, also where all but one underflow", () => {
    const extreme = [
      [800, -800, 0, 1e4],
      [-1e4, -1e4, -1e4, -1e4],
      [0, 0, 0, 0],
      [710, 709, 708, 707],
    ];
    const weights = weightsOf(gatings.softmax, [...extreme, ...moderate.slice(4)]);
    for (const row of weights) expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
    expect(weights[0]).toEqual([0, 0, 0, 1]);
    expect(weights[1]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test("the mass of an atom is exp(beta0)", () => {
    expect(gatings.softmax.create(1, 1, {}).mass(0.4)).toBe(Math.exp(0.4));
  });
});

describe("sigmoid", () => {
  test("weights are sigma(s_j), one by one", () => {
    weightsOf(gatings.sigmoid, moderate).forEach((weights, i) => {
      weights.forEach((p, j) => expect(Math.abs(p - logistic(moderate[i][j]))).toBeLessThan(3e-16));
    });
  });

  test("a very negative score gives a tiny weight, not zero", () => {
    const [weights] = weightsOf(gatings.sigmoid, [[-700, -40, 40, 1e4]]);
    expect(weights[0] / Math.exp(-700)).toBeCloseTo(1, 12);
    expect(weights[1] / Math.exp(-40)).toBeCloseTo(1, 12);
    expect(weights.slice(2)).toEqual([1, 1]);
  });

  test("the mass of an atom is sigma(beta0)", () => {
    expect(gatings.sigmoid.create(1, 1, {}).mass(0.4)).toBe(logistic(0.4));
  });
});

describe("the fields of a study file's atom", () => {
  test.for<[keyof typeof gatings, Record<string, unknown>, [string, number]]>([
    ["softmax", {}, ["beta1", 3]],
    ["sigmoid", { normalised: true }, ["beta1", 3]],
    ["top-k", {}, ["beta1", 3]],
    ["laplace", {}, ["centre", 3]],
    ["dense-to-sparse", {}, ["beta1", 3]],
    ["dense-to-sparse", { router: "tanh" }, ["omega", 3]],
    ["dense-to-sparse", { router: "mlp", width: 2 }, ["omega", 10]],
  ])("of %s %j are beta0 and %j", ([name, options, [field, length]]) => {
    expect(gatings[name].atomFields(3, options)).toEqual([
      { name: field, length },
      { name: "beta0", length: null },
    ]);
  });
});
