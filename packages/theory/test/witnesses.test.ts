import { createModel, type ExpertSpec, type GatingSpec, type NamedAtom } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { exampleWitnesses, expertSymmetries, wideHalton, witnesses } from "../src/index.ts";
import { ownExperts } from "./support/signed-square.ts";
import { shippedFamilies } from "@moe-rates/mixture";

const ffn = (activation: string, more: object = {}) => ({ family: "ffn", activation, ...more });
const ids = (gating: GatingSpec, expert: ExpertSpec, atoms: NamedAtom[], shared = {}) => {
  const model = createModel({ gating, expert, inputDim: 2, atoms: atoms.length });
  return witnesses(model, model.pack(atoms, shared), wideHalton(2, 500)).map((one) => one.id);
};
const gates = [
  { beta1: [1, -0.7], beta0: 0.4 },
  { beta1: [0, 0], beta0: 0 },
];
const eta = [
  { a: [1.6, 0.8], b: 0.3 },
  { a: [-0.8, 1.6], b: -0.5 },
];
const both = (a: object[], b: object[]) => a.map((one, j) => ({ ...one, ...b[j] }));

describe("exampleWitnesses", () => {
  const found = exampleWitnesses();

  it("has every rule of the audit, N1 to N10", () => {
    expect(found.map((one) => one.id)).toEqual([
      "N1",
      "N2",
      "N3",
      "N4",
      "N5",
      "N5-dead",
      "N6",
      "N6-flat",
      "N6-scale",
      "N6-normalised",
      "N7",
      "N8",
      "N8b",
      "N9",
      "N10",
    ]);
  });

  it.each(found.map((one) => [one.id, one] as const))("%s: another measure, the same function", (_, one) => {
    expect(one.residual).toBeLessThan(1e-13);
    expect(one.distance).toBeGreaterThan(0.05);
    const x = wideHalton(2, 64);
    const [f, g] = [new Float64Array(64), new Float64Array(64)];
    one.truth.regression(one.truthTheta, x.points, 64, f);
    one.model.regression(one.theta, x.points, 64, g);
    f.forEach((value, i) => expect(Math.abs(value - g[i])).toBeLessThan(1e-12));
  });

  it("needs k* + 1 atoms for splits, k* for N3, N6-flat, N6-normalised, N8b, N9 and N10, 2k* for N4", () => {
    const extra = Object.fromEntries(found.map((one) => [one.id, one.k - one.truth.atoms]));
    expect(extra).toMatchObject({
      N1: 1,
      N2: 1,
      N3: 0,
      N4: 2,
      N5: 1,
      "N6-flat": 0,
      "N6-normalised": 0,
      N7: 1,
      N8: 1,
      N8b: 0,
      N9: 0,
      N10: 0,
    });
  });
});

describe("witnesses", () => {
  it("finds none but N4 for tanh, sigmoid and GELU experts under softmax gates", () => {
    for (const activation of ["tanh", "sigmoid", "gelu"])
      expect(ids("softmax", ffn(activation), both(gates, eta)), activation).toEqual(["N4"]);
  });

  it("finds the splits of linear, scaled, ReLU and polynomial experts", () => {
    expect(ids("softmax", "linear", both(gates, eta))).toEqual(["N1", "N2", "N4", "N7"]);
    const scaled = eta.map((one, j) => ({ ...one, lambda: 1 - 2.5 * j }));
    expect(ids("softmax", ffn("tanh", { scale: true }), both(gates, scaled))).toEqual(["N1", "N4"]);
    expect(ids("softmax", ffn("relu"), both(gates, eta))).toEqual(["N2", "N4"]);
    expect(ids("softmax", { family: "polynomial", degree: 3 }, both(gates, eta))).toEqual(["N2", "N4"]);
  });

  it("finds no split where a sigmoid gate has slope", () => {
    const sloped = [gates[0], { beta1: [-0.5, 1], beta0: 0.1 }];
    expect(ids("sigmoid", ffn("sigmoid"), both(sloped, eta))).toEqual([]);
    expect(ids("sigmoid", "linear", both(sloped, eta))).toEqual(["N5", "N5-dead"]);
    expect(ids("sigmoid", "linear", both(gates, eta))).toEqual(expect.arrayContaining(["N1", "N6-scale"]));
  });

  it("finds the homogeneity of a user's own expert", () => {
    const families = { ...shippedFamilies, experts: { ...shippedFamilies.experts, ...ownExperts } };
    expect(expertSymmetries("signed-square", 2, families)).toMatchObject({
      degree: 2,
      odd: true,
      affine: [],
      vanishing: true,
    });
    const model = createModel({
      gating: "softmax",
      expert: "signed-square",
      inputDim: 2,
      atoms: 2,
      families,
    });
    const theta = model.pack(both(gates, [{ a: [1.6, 0.8] }, { a: [-0.8, 1.6] }]));
    expect(witnesses(model, theta, wideHalton(2, 500), families).map((one) => one.id)).toEqual(["N2", "N4"]);
  });
});

describe("expertSymmetries", () => {
  it("tells affine parameters, degrees and parity", () => {
    const of = (expert: ExpertSpec) => expertSymmetries(expert, 2, shippedFamilies);
    expect(of("linear")).toMatchObject({ affine: ["a[0]", "a[1]", "b"], degree: 1, odd: true });
    expect(of(ffn("tanh"))).toMatchObject({
      affine: [],
      degree: null,
      odd: true,
      symmetric: true,
      vanishing: true,
    });
    expect(of(ffn("sigmoid"))).toMatchObject({ degree: null, odd: false, symmetric: true, vanishing: false });
    expect(of(ffn("gelu"))).toMatchObject({ degree: null, odd: false, symmetric: false, vanishing: true });
    expect(of(ffn("relu"))).toMatchObject({ affine: [], degree: 1, odd: false });
    expect(of({ family: "polynomial", degree: 2 })).toMatchObject({ degree: 2, odd: false });
  });
});
