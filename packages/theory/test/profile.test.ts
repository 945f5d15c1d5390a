import { testPoints } from "@moe-rates/losses";
import { createModel, type ExpertSpec, type GatingSpec, type NamedAtom } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { profile, type ProfileQuantity } from "../src/index.ts";

const points = testPoints({ law: "uniform", low: -3, high: 3, dim: 2 }, 256);
const gates = [
  { beta1: [1, -0.7], beta0: 0.4 },
  { beta1: [0, 0], beta0: 0 },
];
const slopes = [{ a: [1.6, 0.8] }, { a: [-0.8, 1.6] }];
const affine = [
  { a: [1.6, 0.8], b: 0.3 },
  { a: [-0.8, 1.6], b: -0.5 },
];

function profiled(gating: GatingSpec, expert: ExpertSpec, eta: NamedAtom[], extra: number, shared = {}) {
  const model = createModel({ gating, expert, inputDim: 2, atoms: 2 });
  const theta = model.pack(
    gates.map((gate, j) => ({ ...gate, ...eta[j] })),
    shared,
  );
  const { quantities } = profile({ model, theta, points, extra, box: 10 });
  return (name: string): ProfileQuantity => {
    const found = quantities.find((one) => one.quantity === name);
    if (!found) throw new Error(`${name} is none of ${quantities.map((one) => one.quantity).join(", ")}`);
    return found;
  };
}

const plain = (activation: string) => ({ family: "ffn", activation, bias: false });

describe("profile", () => {
  it.each(["tanh", "sigmoid", "gelu"])(
    "has exponent 1 in exact cells, 1/2 for parted atoms and 1 for D1, %s experts",
    (activation) => {
      const exact = profiled("softmax", plain(activation), slopes, 0);
      for (const name of ["voronoi-d2:1", "exact-expert-error", "exact-gate-error", "voronoi-d1"])
        expect(Math.abs(exact(name).exponent! - 1), name).toBeLessThan(0.05);
      const over = profiled("softmax", plain(activation), slopes, 1);
      for (const name of ["voronoi-d2:1", "over-expert-rms", "over-gate-rms"])
        expect(Math.abs(over(name).exponent! - 0.5), name).toBeLessThan(0.05);
      for (const name of ["voronoi-d1", "over-expert-mean"])
        expect(Math.abs(over(name).exponent! - 1), name).toBeLessThan(0.05);
    },
  );

  it("has a plateau for over-specified linear and scaled experts, and exponent 1 when they are exactly specified", () => {
    const scaled = affine.map((one, j) => ({ ...one, lambda: 1 - 2.5 * j }));
    const cases: [ExpertSpec, NamedAtom[]][] = [
      ["linear", affine],
      [{ family: "ffn", activation: "tanh", scale: true }, scaled],
    ];
    for (const [expert, eta] of cases) {
      expect(profiled("softmax", expert, eta, 1)("over-expert-rms").verdict).toBe("plateau");
      expect(profiled("softmax", expert, eta, 1)("voronoi-d1").values.at(-1)).toBeGreaterThan(0.5);
      expect(Math.abs(profiled("softmax", expert, eta, 0)("voronoi-d1").exponent! - 1)).toBeLessThan(0.05);
    }
  });

  it("has a plateau in the gate and temperature of a linear router, and exponent 1 in beta1 / tau and the experts", () => {
    const router = { family: "dense-to-sparse", router: "linear", temperature: 0.7 };
    const at = profiled(router, plain("tanh"), slopes, 0, { temperature: 0.7 });
    for (const name of ["temperature-error", "exact-gate-error", "voronoi-d4"])
      expect(at(name).verdict, name).toBe("plateau");
    for (const name of ["identified-exact-gate-error", "identified-exact-expert-error", "voronoi-d1"])
      expect(Math.abs(at(name).exponent! - 1), name).toBeLessThan(0.05);
  });

  it("finds the temperature of a bending router", () => {
    const model = createModel({
      gating: { family: "dense-to-sparse", router: "tanh" },
      expert: plain("tanh"),
      inputDim: 2,
      atoms: 2,
    });
    const theta = model.pack(
      slopes.map((one, j) => ({ omega: j === 0 ? [1, -0.7] : [-0.4, 1.2], beta0: 0.4 - 0.4 * j, ...one })),
      { temperature: 0.7 },
    );
    const { quantities } = profile({ model, theta, points, extra: 0, box: 10 });
    const temperature = quantities.find((one) => one.quantity === "temperature-error");
    expect(Math.abs(temperature!.exponent! - 1)).toBeLessThan(0.05);
  });

  it("never reports a larger distance for a smaller epsilon", () => {
    const over = profiled("softmax", plain("tanh"), slopes, 1);
    for (const name of ["voronoi-d1", "voronoi-d2:1", "over-expert-rms"]) {
      const { values } = over(name);
      values.slice(1).forEach((value, i) => expect(value).toBeLessThanOrEqual(values[i] * 1.0001));
    }
  });
});
