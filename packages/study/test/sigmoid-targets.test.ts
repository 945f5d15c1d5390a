import { createSolver, mixtureProblem } from "@moe-rates/estimators";
import { bestKernels } from "@moe-rates/kernels";
import { targetLoss, testPoints } from "@moe-rates/losses";
import { stream } from "@moe-rates/math";
import { createObjective, loadData, type NamedAtom, shippedFamilies } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { fitModels, truthModel } from "../src/design-models.ts";
import { sigmoidTargets } from "../src/sigmoid-targets.ts";
import type { ExpertSpec, FitSpec, ResolvedStudy } from "../src/types.ts";

const input = { law: "uniform", low: -3, high: 3, dim: 2 } as const;

function requestFor(gating: string, expert: ExpertSpec, atoms: NamedAtom[], k: number) {
  const study: ResolvedStudy = {
    name: "targets",
    seed: 7,
    truth: { gating, expert, input, noise: { sd: 0.1 }, atoms },
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

  test("are reached by no shorter way than a scan finds where they form a curve", () => {
    // One linear expert behind a flat gate: sigma(beta0) eta is all that counts (N6).
    const [slope, bias] = [1.5, 0.5];
    const request = requestFor(
      "sigmoid",
      "linear",
      [{ beta1: [0, 0], beta0: 0.4, a: [slope, -1], b: bias }],
      1,
    );
    const targets = sigmoidTargets(request);
    const { model } = request.fit;
    const own = { beta1: [0.3, -0.1], beta0: 1, a: [2, -1.2], b: 0.2 };
    const logistic = (z: number) => 1 / (1 + Math.exp(-z));
    let scanned = Infinity;
    for (let beta0 = -10; beta0 <= 10; beta0 += 1e-4) {
      const scale = logistic(0.4) / logistic(beta0);
      const expert = Math.hypot(own.a[0] - scale * slope, own.a[1] + scale, own.b - scale * bias);
      scanned = Math.min(scanned, Math.abs(own.beta0 - beta0) + Math.hypot(...own.beta1) + expert);
    }
    const theta = model.pack([own]);
    const { total } = targetLoss(model.measure(theta), [targets.nearest(theta)!]);
    expect(Math.abs(total / scanned - 1)).toBeLessThan(1e-3);
  });

  const pairs = {
    linear: "linear" as ExpertSpec,
    GELU: { family: "ffn", activation: "gelu" } as ExpertSpec,
  };
  describe.each(Object.entries(pairs))("with a spare atom of %s experts", (name, expert) => {
    const truth = [
      { beta1: [0.8, 1], beta0: 0.5, a: [-1, 2], b: -0.5 },
      { beta1: [1.5, -1], beta0: 0.4, a: [2, 1], b: 0.5 },
    ];
    const request = requestFor("sigmoid", expert, truth, 3);
    const { model } = request.fit;
    const lossOf = (theta: Float64Array) =>
      targetLoss(model.measure(theta), [sigmoidTargets(request).nearest(theta)!]).total;
    /** The truth and a spare atom with a small expert behind a gate of its own, every parameter moved. */
    const fitLike = (index: number) => {
      const random = stream("fits with a spare atom", name, index);
      const near = (value: number, radius: number) => value + radius * random.normal();
      const moved = truth.map(({ beta1, beta0, a, b }) => ({
        beta1: beta1.map((value) => near(value, 0.05)),
        beta0: near(beta0, 0.05),
        a: a.map((value) => near(value, 0.05)),
        b: near(b, 0.05),
      }));
      const spare = {
        beta1: [near(0, 1.5), near(0, 1.5)],
        beta0: near(0, 1),
        a: [near(0, 0.2), near(0, 0.2)],
        b: near(0, 0.2),
      };
      return model.pack([...moved, spare]);
    };
    const fits = [0, 1].map(fitLike);

    test("a change of the parameters by 1e-8 moves the loss by less than 0.1 %", () => {
      const random = stream("moved", name);
      for (const theta of fits) {
        const loss = lossOf(theta);
        const moved = lossOf(theta.map((value) => value + 1e-8 * random.normal()));
        expect(Math.abs(moved / loss - 1)).toBeLessThan(1e-3);
      }
    });

    test("no good fit that a random walk among them comes across is nearer by more than 1 %", () => {
      const count = 256;
      const { points } = testPoints(input, count);
      const y = new Float64Array(count);
      request.truth.model.regression(request.truth.theta, points, count, y);
      const spread = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0) / count);
      const kernels = bestKernels(200_000);
      const data = loadData(kernels, { x: points, y, inputDim: 2, normalised: false });
      const solver = createSolver(mixtureProblem(createObjective(model, data, kernels), 10));
      for (const theta of fits) {
        const loss = lossOf(theta);
        const far = (at: Float64Array) => targetLoss(model.measure(theta), [model.measure(at)]).total;
        const random = stream("walk", name);
        const [, , spare] = model.unpack(theta);
        const elsewhere = { beta1: [0, 0], beta0: Number(spare["beta0"]) + 1, a: [0, 0], b: 0 };
        let at = model.pack([...truth, elsewhere]);
        let nearest = far(at);
        expect(nearest).toBeGreaterThan(1.5 * loss);
        for (let step = 0; step < 250; step++) {
          const size = 10 ** (-6 + 5 * random.uniform());
          const back = random.uniform();
          const start = at.map(
            (value, i) =>
              value + (random.uniform() < 0.3 ? back * (theta[i] - value) : 0) + size * random.normal(),
          );
          const end = solver.solve(start, { noiseVariance: 1e-10 * spread ** 2, maxIterations: 30 });
          if (Math.sqrt(end.sse / count) > 0.7e-5 * spread || far(end.theta) > nearest) continue;
          at = end.theta;
          nearest = far(at);
        }
        expect(nearest).toBeLessThan(1.5 * loss);
        expect(nearest).toBeGreaterThan(0.99 * loss);
      }
    });
  });
});
