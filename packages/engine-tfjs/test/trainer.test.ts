import { referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import { createModel, createObjective, dataDoubles, loadData, objectiveDoubles } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { tensorTrainer } from "../src/index.ts";
import { backends, use } from "./support/backends.ts";

const n = 24;
const model = createModel({ gating: "softmax", expert: "linear", inputDim: 1, atoms: 2 });
const random = stream("trainer");
const numbers = (count: number) => Float64Array.from({ length: count }, () => random.normal());
const replicates = [0, 1].map(() => ({ x: numbers(n), y: numbers(n) }));
const starts = replicates.map(() => [numbers(model.parameterCount), numbers(model.parameterCount)]);

/** Plain gradient steps on the mean squared error of all rows, in float64. */
function descended(
  { x, y }: { x: Float64Array; y: Float64Array },
  start: Float64Array,
  rate: number,
  steps: number,
) {
  const p = model.parameterCount;
  const kernels = referenceKernels(dataDoubles(n, 1, false) + objectiveDoubles(model, 2) + 4096);
  const objective = createObjective(
    model,
    loadData(kernels, { x, y, inputDim: 1, normalised: false }),
    kernels,
  );
  const theta = start.slice();
  const gradient = new Float64Array(p);
  for (let step = 0; step < steps; step++) {
    objective.derivatives(theta, gradient, new Float64Array(p), new Float64Array(p * p), false);
    for (let i = 0; i < p; i++) theta[i] -= (rate * 2 * gradient[i]) / n;
  }
  return theta;
}

async function trainer() {
  await use("tfjs-cpu");
  const cpu = backends.get("tfjs-cpu")!;
  if (cpu instanceof Error) throw cpu;
  return tensorTrainer(cpu);
}

describe("training on TensorFlow.js", () => {
  test("with one batch per epoch is gradient descent on the mean squared error, for every replicate and start", async () => {
    const train = await trainer();
    const plan = { method: "sgd", epochs: 6, learningRate: 0.1, batch: n } as const;
    const shuffles = replicates.map((_, r) => stream("order", r));
    const trained = train({ model, plan, data: replicates, shuffles, starts });
    replicates.forEach((data, r) =>
      starts[r].forEach((start, s) => {
        const expected = descended(data, start, 0.1, 6);
        for (let i = 0; i < expected.length; i++) expect(trained[r][s][i]).toBeCloseTo(expected[i], 4);
      }),
    );
  });

  test("gives a replicate the same bits whatever its neighbours are", async () => {
    const train = await trainer();
    const plan = { method: "adam", epochs: 3, learningRate: 0.05, batch: 7 } as const;
    const together = (other: number) =>
      train({
        model,
        plan,
        data: [replicates[0], replicates[other]],
        shuffles: [stream("order", 0), stream("order", other)],
        starts: [starts[0], starts[other]],
      })[0];
    expect(together(1)).toEqual(together(0));
  });

  test("visits every row once per epoch: a batch of one row and a tiny rate add up to one full gradient", async () => {
    const train = await trainer();
    const rate = 1e-3;
    const one = { method: "sgd", epochs: 1, learningRate: rate, batch: 1 } as const;
    const [[moved]] = train({
      model,
      plan: one,
      data: [replicates[0]],
      shuffles: [stream("order")],
      starts: [[starts[0][0]]],
    });
    const expected = descended(replicates[0], starts[0][0], rate * n, 1);
    moved.forEach((value, i) => {
      const step = expected[i] - starts[0][0][i];
      expect(Math.abs(value - starts[0][0][i] - step)).toBeLessThan(0.05 * Math.abs(step) + 1e-4);
    });
  });
});
