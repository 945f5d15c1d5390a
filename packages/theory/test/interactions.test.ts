import type { ExpertSpec } from "@moe-rates/mixture";
import { derivativeByDifferences, logistic } from "@moe-rates/math";
import { describe, expect, it } from "vitest";
import { interactions, wideHalton } from "../src/index.ts";

const ffn = (activation: string, more: object = {}) => ({ family: "ffn", activation, ...more });
const base = {
  inputDim: 2,
  points: wideHalton(2, 300),
  beta1: Float64Array.of(0.6, -0.4),
  beta0: 0.3,
  temperature: 1.4,
  eta: Float64Array.of(0.8, -1.1, 0.5),
};
const of = (expert: ExpertSpec, more: object = {}) =>
  Object.fromEntries(interactions({ ...base, expert, ...more }).map(({ id, holds }) => [id, holds]));

describe("interactions", () => {
  it("(9) holds for linear experts, and for every activation of a . x + b", () => {
    for (const expert of [
      "linear",
      { family: "polynomial", degree: 3 },
      ffn("tanh"),
      ffn("gelu"),
      ffn("relu"),
    ] as const)
      expect(of(expert)["(9)"], JSON.stringify(expert)).toBe(true);
    expect(of(ffn("tanh", { normalise: true }), { eta: Float64Array.of(0.5, 0.8, -1.1) })["(9)"]).toBe(false);
  });

  it("needs an intercept for (9), (28) and SG(11)", () => {
    expect(Object.keys(of(ffn("tanh", { bias: false }), { eta: Float64Array.of(0.8, -1.1) }))).toEqual([
      "(15)",
    ]);
  });

  it("(15) holds for the linear router and for no router that bends", () => {
    expect(of(ffn("tanh"))["(15)"]).toBe(true);
    expect(of(ffn("tanh"), { router: ffn("relu", { bias: false }) })["(15)"]).toBe(true);
    for (const activation of ["tanh", "sigmoid", "gelu"])
      expect(of(ffn("tanh"), { router: ffn(activation, { bias: false }) })["(15)"], activation).toBe(false);
  });

  it("(28) holds for experts of an affine map, SG(11) and SG(8) as well", () => {
    expect(of("linear")).toMatchObject({ "(28)": true, "SG(11)": true, "SG(8)": true });
    expect(of(ffn("tanh"))).toMatchObject({ "SG(8)": true });
  });

  it("agrees with central differences of F in (15) and SG(8)", () => {
    const [x1, x2] = [0.7, -1.3];
    const h = (b: number, a1 = 0, a2 = 0) => Math.tanh(a1 * x1 + a2 * x2 + b);
    const tau = 1.4;
    const F = (scale: number, heat: number) =>
      Math.exp((scale * (0.6 * x1 - 0.4 * x2)) / heat) * h(0.5, 0.8, -1.1);
    const left = derivativeByDifferences((heat) => F(1, heat), tau);
    const right = -derivativeByDifferences((scale) => F(scale, tau), 1) / tau;
    expect(Math.abs(left - right)).toBeLessThan(1e-8);
    const S = (beta: number, a: number) => logistic(beta * x1 + 0.3) * h(0.5, a);
    const constant = ((1 - logistic(0.3)) * Math.tanh(0.5)) / (1 - Math.tanh(0.5) ** 2);
    const byGate = derivativeByDifferences((beta) => S(beta, 0), 0);
    const byExpert = derivativeByDifferences((a) => S(0, a), 0);
    expect(Math.abs(byGate - constant * byExpert)).toBeLessThan(1e-8);
  });
});
