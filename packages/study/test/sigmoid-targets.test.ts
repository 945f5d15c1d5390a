import { bestKernels } from "@moe-rates/kernels";
import { targetLoss } from "@moe-rates/losses";
import { type NamedAtom, shippedFamilies } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { fitModels, truthModel } from "../src/design-models.ts";
import { sigmoidTargets } from "../src/sigmoid-targets.ts";
import type { ExpertSpec, FitSpec, ResolvedStudy } from "../src/types.ts";

function requestFor(gating: string, expert: ExpertSpec, atoms: NamedAtom[], k: number) {
  const study: ResolvedStudy = {
    name: "targets",
    seed: 7,
    truth: { gating, expert, input: { law: "uniform", low: -3, high: 3, dim: 2 }, noise: { sd: 0.1 }, atoms },
    fits: [],
    sampleSizes: [1000],
    replicates: 1,
    nested: true,
    commonRandomNumbers: true,
    losses: ["sigmoid-d3"],
  };
  const fitSpec: FitSpec = { name: "fit", atoms: k, gating: "sigmoid", expert, box: 10, starts: {} };
  const model = fitModels(study, fitSpec, shippedFamilies)(k);
  const theta = new Float64Array(model.parameterCount);
  return {
    study,
    fitSpec,
    families: shippedFamilies,
    truth: truthModel(study, shippedFamilies),
    fit: { model, theta },
    covariates: null,
    kernels: bestKernels,
  };
}

describe("targets of sigmoid fits", () => {
  test("are the sigmoid form of a softmax truth with two atoms: sigma(z1 - z2) h1 + sigma(z2 - z1) h2", () => {
    const request = requestFor(
      "softmax",
      { family: "ffn", activation: "tanh", bias: false },
      [
        { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
        { beta1: [0, 0.9], beta0: 0, a: [-0.8, 1.6] },
      ],
      2,
    );
    const targets = sigmoidTargets(request);
    expect(targets.distance).toBeLessThan(1e-6);
    expect(targets.atBound).toBe(0);
    const { model } = request.fit;
    const expected = model.measure(
      model.pack([
        { beta1: [1, -1.6], beta0: 0.4, a: [1.6, 0.8] },
        { beta1: [-1, 1.6], beta0: -0.4, a: [-0.8, 1.6] },
      ]),
    );
    expect(targetLoss(expected, targets.measures).total).toBeLessThan(1e-4);
    expect(sigmoidTargets(request)).toBe(targets);
  });

  test("are many for linear experts with a spare atom, and the nearest one is found from any of them", () => {
    const first = { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8], b: 0.3 };
    const second = { beta1: [0, 0.9], beta0: 0, a: [-0.8, 1.6], b: -0.4 };
    const request = requestFor("sigmoid", "linear", [first, second], 3);
    const targets = sigmoidTargets(request);
    expect(targets.distance).toBeLessThan(1e-3);
    expect(targets.measures.length).toBeGreaterThan(1);
    // sigma(z) h = sigma(0) 2h + sigma(-z) (-h): as good as the truth, and far from it.
    const { model } = request.fit;
    const theta = model.pack([
      second,
      { beta1: [0, 0], beta0: 0, a: [3.2, 1.6], b: 0.6 },
      { beta1: [-1, 0.7], beta0: -0.4, a: [-1.6, -0.8], b: -0.3 },
    ]);
    const measure = model.measure(theta);
    const nearest = targets.nearest(theta);
    expect(nearest).not.toBeNull();
    expect(targetLoss(measure, [nearest!]).total).toBeLessThan(1e-3);
  });
});
