import { componentErrors } from "@moe-rates/losses";
import { describe, expect, it } from "vitest";
import {
  exampleWitnesses,
  predictionsFor,
  registry,
  type Prediction,
  type PredictionRequest,
} from "../src/index.ts";

const tanh = { family: "ffn", activation: "tanh", bias: false, scale: false, normalise: false };
const base: PredictionRequest = {
  gating: "softmax",
  expert: tanh,
  inputDim: 2,
  trueAtoms: 2,
  fittedAtoms: 3,
};

function find(request: PredictionRequest, component: string, loss = "voronoi-d1"): Prediction {
  const row = predictionsFor({ ...request, losses: [loss] }).find((one) => one.component === component);
  if (!row) throw new Error(`no prediction of ${component}`);
  return row;
}

describe("predictionsFor", () => {
  it("gives Theorem 1 for softmax with tanh experts: D1 and exact cells n^-1/2, parameters of over-specified cells n^-1/4", () => {
    expect(find(base, "total").audited).toMatchObject({
      kind: "power",
      exponent: -0.5,
      logExponent: 0,
      scope: "pointwise",
    });
    expect(find(base, "total").published).toMatchObject({
      kind: "power",
      exponent: -0.5,
      logExponent: 0.5,
      scope: "bound",
    });
    expect(find(base, "exact-expert-error").audited?.exponent).toBe(-0.5);
    expect(find(base, "over-expert-rms").audited?.exponent).toBe(-0.25);
    expect(find(base, "over-expert-rms").published).toMatchObject({ exponent: -0.25, logExponent: 0.25 });
    expect(find(base, "over-expert").audited?.exponent).toBe(-0.5);
    expect(find(base, "over-expert-mean").audited?.exponent).toBe(-0.5);
  });

  it("raises rates to the power of the loss", () => {
    expect(find(base, "exact", "voronoi-d2:3").audited?.exponent).toBe(-1.5);
    expect(find(base, "over", "voronoi-d2:3").audited?.exponent).toBe(-0.75);
    expect(find(base, "over", "voronoi-d2:1").audited?.exponent).toBe(-0.25);
    expect(find(base, "total", "voronoi-d2:3").audited?.exponent).toBe(-0.5);
    expect(find(base, "total", "voronoi-d2:1").audited?.exponent).toBe(-0.25);
  });

  it("sets Theorem 2 beside the exact equality N1 for over-specified linear experts", () => {
    const linear = { ...base, expert: "linear", trueAtoms: 3, fittedAtoms: 4 };
    expect(find(linear, "over-expert-rms").published).toMatchObject({
      kind: "slower-than-power",
      scope: "minimax",
    });
    expect(find(linear, "over-expert-rms").audited?.kind).toBe("not-identified");
    expect(find(linear, "over-gate-rms").audited?.exponent).toBe(-0.5);
    expect(find({ ...linear, fittedAtoms: 3 }, "exact-expert-error").audited?.exponent).toBe(-0.5);
    expect(find({ ...linear, fittedAtoms: 3 }, "exact-expert-error").published?.kind).toBe(
      "slower-than-power",
    );
  });

  it("drops the gates of linear experts with two true atoms as well (N7)", () => {
    const row = find({ ...base, expert: "linear" }, "over-gate-rms");
    expect(row.audited?.kind).toBe("not-identified");
    expect(row.reason).toContain("k* = 2");
  });

  it("drops the cell means of linear experts with two true atoms, as the witness of N7 does, and keeps those of more", () => {
    const n7 = exampleWitnesses().find(({ id }) => id === "N7")!;
    const errors = componentErrors(n7.model.measure(n7.theta), n7.truth.measure(n7.truthTheta));
    expect(errors["over-expert-mean"]).toBeGreaterThan(0.1);
    expect(errors["exact-expert-error"]).toBeLessThan(1e-12);
    const linear = { ...base, expert: "linear" };
    expect(find(linear, "over-expert-mean").audited?.kind).toBe("not-identified");
    expect(find(linear, "exact-expert-error").audited?.exponent).toBe(-0.5);
    const three = { ...linear, trueAtoms: 3, fittedAtoms: 4 };
    expect(find(three, "over-expert-mean").audited?.exponent).toBe(-0.5);
  });

  it("calls nothing identified at k >= 2k* but the regression function", () => {
    const wide = { ...base, fittedAtoms: 4 };
    const rows = predictionsFor(wide);
    expect(
      rows.filter((row) => row.group !== "regression").every((row) => row.audited?.kind === "not-identified"),
    ).toBe(true);
    expect(rows.find((row) => row.group === "regression")?.audited?.exponent).toBe(-0.5);
  });

  it("frees gate and temperature of a linear router and keeps the experts' rate", () => {
    const router = { ...base, gating: { family: "dense-to-sparse", router: "linear" }, fittedAtoms: 2 };
    expect(find(router, "exact-temperature", "voronoi-d3:1").audited?.kind).toBe("not-identified");
    expect(find(router, "exact-gate-error", "voronoi-d3:1").audited?.kind).toBe("not-identified");
    expect(find(router, "exact-expert-error", "voronoi-d3:1").audited?.exponent).toBe(-0.5);
    expect(find(router, "exact-gate-error", "components").audited?.kind).toBe("not-identified");
    expect(find(router, "identified-exact-gate-error", "components").audited?.exponent).toBe(-0.5);
    expect(find(router, "total", "voronoi-d1").audited?.exponent).toBe(-0.5);
    const over = { ...router, fittedAtoms: 3 };
    expect(find(over, "over-gate-mean", "components").audited?.kind).toBe("not-identified");
    expect(find(over, "identified-over-gate-mean", "components").audited?.exponent).toBe(-0.5);
    expect(find(over, "over-expert-mean", "components").audited?.exponent).toBe(-0.5);
    const general = { ...router, gating: { family: "dense-to-sparse", router: "tanh" } };
    expect(find(general, "temperature-error", "components").audited?.exponent).toBe(-0.5);
  });

  it("frees the gate of a tanh or sigmoid router with two true atoms (N10), not its experts and temperature", () => {
    const router = { ...base, gating: { family: "dense-to-sparse", router: "tanh" }, fittedAtoms: 2 };
    expect(find(router, "exact-gate-error", "components").audited?.source).toContain("N10");
    expect(find(router, "total", "voronoi-d4").audited?.source).toContain("N10");
    expect(find(router, "exact-expert-error", "components").audited?.exponent).toBe(-0.5);
    expect(find(router, "exact-temperature", "voronoi-d4").audited?.exponent).toBe(-0.5);
    const three = { ...router, trueAtoms: 3, fittedAtoms: 3 };
    expect(find(three, "exact-gate-error", "components").audited?.exponent).toBe(-0.5);
    const gelu = { ...router, gating: { family: "dense-to-sparse", router: "gelu" } };
    expect(find(gelu, "total", "voronoi-d4").audited?.exponent).toBe(-0.5);
  });

  it("takes the regime of a sigmoid gate from the true atoms", () => {
    const sigmoid = { ...base, gating: "sigmoid", expert: { ...tanh, activation: "sigmoid" } };
    const flat = { ...sigmoid, atoms: [{ beta1: [0, 0] }, { beta1: [1, -1] }] };
    const sloped = { ...sigmoid, atoms: [{ beta1: [1, 0] }, { beta1: [1, -1] }] };
    expect(find(flat, "over-expert-rms").id).toContain("sigmoid-regime-1");
    expect(find(flat, "over-expert-rms").audited?.exponent).toBe(-0.25);
    expect(find(sloped, "total", "sigmoid-d3").id).toContain("sigmoid-regime-2");
    expect(find(sloped, "total", "sigmoid-d3").audited?.exponent).toBe(-0.5);
  });

  it("frees spare atoms of sigmoid gates whose expert can be 0, but not the exact cells", () => {
    const flat = { ...base, gating: "sigmoid", atoms: [{ beta1: [0, 0] }, { beta1: [1, -1] }] };
    expect(find(flat, "over-expert-rms").audited?.source).toContain("N5");
    expect(find(flat, "over-expert-rms").published?.exponent).toBe(-0.25);
    expect(find(flat, "exact-expert-error").audited?.exponent).toBe(-0.5);
  });

  it("frees an expert of a sigmoid gate without slope that can grow, at k = k*", () => {
    const linear = { ...base, gating: "sigmoid", expert: "linear", fittedAtoms: 2 };
    const flat = { ...linear, atoms: [{ beta1: [0, 0] }, { beta1: [1, -1] }] };
    const sloped = { ...linear, atoms: [{ beta1: [1, 0] }, { beta1: [1, -1] }] };
    expect(find(flat, "exact-expert-error").audited?.source).toContain("N6");
    expect(find(sloped, "exact-expert-error").audited?.exponent).toBe(-0.5);
  });

  it("lists parts of the first level for two-level gates only", () => {
    const parts = (gating: PredictionRequest["gating"], expert: PredictionRequest["expert"], loss: string) =>
      predictionsFor({ ...base, gating, expert, losses: [loss] }).filter(({ component }) =>
        component.startsWith("group-"),
      );
    for (const expert of [tanh, "linear", "my-own"]) {
      expect(parts("hierarchical", expert, "voronoi-d5")).toHaveLength(2);
      for (const gating of ["softmax", "laplace", "top-k", "my-own"])
        for (const loss of ["voronoi-d1", "components"]) expect(parts(gating, expert, loss)).toEqual([]);
    }
  });

  it("expects n^-1/2 of exactly specified Laplace, top-K and normalised sigmoid gates, which are published for densities", () => {
    const exact = { ...base, fittedAtoms: 2 };
    for (const gating of ["laplace", "top-k", { family: "sigmoid", normalised: true }]) {
      const row = find({ ...exact, gating }, "exact-gate-error", "components");
      expect(row.audited).toMatchObject({ exponent: -0.5, logExponent: 0, scope: "pointwise" });
      expect(row.reason).toMatch(/densit/u);
    }
    const one = find({ ...exact, gating: { family: "top-k", k: 1 } }, "exact-gate-error", "components");
    expect(one.audited).toBeNull();
  });

  it("splits atoms of normalised sigmoid gates only where some gate has no slope", () => {
    const normalised = { ...base, gating: { family: "sigmoid", normalised: true } };
    const flat = { ...normalised, atoms: [{ beta1: [0, 0] }, { beta1: [1, -1] }] };
    const sloped = { ...normalised, atoms: [{ beta1: [1, 0] }, { beta1: [1, -1] }] };
    expect(find(flat, "over-expert-rms").audited?.exponent).toBe(-0.25);
    expect(find(sloped, "over-expert-rms").audited).toBeNull();
    const linear = { ...flat, expert: "linear", fittedAtoms: 2 };
    expect(find(linear, "exact-expert-error").audited?.source).toContain("N6");
    expect(find({ ...linear, trueAtoms: 3, fittedAtoms: 3 }, "exact-expert-error").audited?.exponent).toBe(
      -0.5,
    );
  });

  it("claims N4 for gates with shifts only", () => {
    const wide = { ...base, fittedAtoms: 4 };
    expect(find({ ...wide, gating: "laplace" }, "exact-gate-error").audited).toBeNull();
    expect(find(wide, "exact-gate-error").audited?.source).toContain("N4");
  });

  it("says nothing about fewer atoms than the truth, and claims nothing for families that no paper covers", () => {
    expect(predictionsFor({ ...base, fittedAtoms: 1 })).toEqual([]);
    const own = find({ ...base, expert: "my-own" }, "total");
    expect([own.published, own.audited]).toEqual([null, null]);
  });

  it("refuses numbers of atoms that are none", () => {
    expect(() => predictionsFor({ ...base, fittedAtoms: 2.5 })).toThrow(
      /fittedAtoms must be a positive integer, not 2.5/,
    );
  });
});

describe("the registry", () => {
  it("names every entry once and gives every statement a source", () => {
    expect(new Set(registry.map((one) => one.id)).size).toBe(registry.length);
    for (const { exact, over } of registry) {
      for (const block of [exact, over])
        for (const { published, audited, reason } of Object.values(block)) {
          expect(reason.length).toBeGreaterThan(20);
          for (const law of [published, audited]) expect(law === null || law.source.length > 5).toBe(true);
        }
    }
  });

  it("never publishes a pointwise law and never audits a minimax one", () => {
    for (const { exact, over } of registry)
      for (const block of [exact, over])
        for (const { published, audited } of Object.values(block)) {
          expect(published?.scope).not.toBe("pointwise");
          expect(audited === null || audited.scope === "pointwise").toBe(true);
        }
  });
});
