import { stream } from "@moe-rates/math";
import { createModel, type ExpertSpec } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { createSolver, mixtureProblem } from "../src/index.ts";
import { drawData, objectiveOn } from "./support/mixture-data.ts";

const experts: [string, ExpertSpec, RegExp | null][] = [
  ["every parameter of linear experts", "linear", /\.(a\[\d\]|b)$/],
  ["constants", "constant", /\.b$/],
  ["the scale of a scaled unit", { family: "ffn", activation: "tanh", scale: true }, /\.lambda$/],
  [
    "the scales of several units",
    { family: "ffn", activation: "gelu", scale: true, width: 2 },
    /\.lambda\d$/,
  ],
  ["nothing of a unit without scale", { family: "ffn", activation: "tanh" }, null],
  ["nothing of a square", { family: "polynomial", degree: 2 }, null],
];

describe("the parameters in which the regression function is jointly affine are", () => {
  test.each(experts)("%s", (_name, expert, pattern) => {
    const model = createModel({ gating: "softmax", expert, inputDim: 2, atoms: 2 });
    const random = stream("linear parameters", model.parameterCount);
    const draw = (count: number) => Float64Array.from({ length: count }, () => random.normal());
    const n = 40;
    const x = draw(2 * n);
    const problem = mixtureProblem(objectiveOn(model, { x, y: draw(n) }), 10);
    const linear = [...(problem.linear ?? [])];
    const names = model.parameterNames.filter((name) => pattern?.test(name));
    expect(linear.map((i) => model.parameterNames[i])).toEqual(names);

    const theta = draw(model.parameterCount);
    const along = (indices: readonly number[]) => {
      const direction = new Float64Array(model.parameterCount);
      for (const i of indices) direction[i] = random.normal();
      const at = (t: number) => {
        const out = new Float64Array(n);
        model.regression(
          theta.map((value, i) => value + t * direction[i]),
          x,
          n,
          out,
        );
        return out;
      };
      const [low, middle, high] = [at(-1), at(0), at(1)];
      return Math.max(...middle.map((value, i) => Math.abs(low[i] + high[i] - 2 * value)));
    };
    expect(along(linear)).toBeLessThan(1e-12);
    for (let i = 0; i < model.parameterCount; i++)
      if (!linear.includes(i)) expect(along([...linear, i])).toBeGreaterThan(1e-6);
  });
});

test("their exact minimum after a step that falls short straightens the valleys of over-specified linear experts", () => {
  const atoms = [
    { beta1: [4, -2], beta0: -1, a: [-2, 1], b: 1 },
    { beta1: [0, 0], beta0: 0, a: [2, 1], b: -1 },
  ];
  const data = drawData("valleys", 2000, 0.3, "softmax", atoms, "linear");
  const model = createModel({ gating: "softmax", expert: "linear", inputDim: 2, atoms: 3 });
  const problem = mixtureProblem(objectiveOn(model, data), 30);
  const { linear: _, ...without } = problem;
  const options = { cosineTolerance: 1e-5, reductionTolerance: 1e-3, gaussNewtonSteps: 0, initialNoise: 10 };
  let [evaluations, plain] = [0, 0];
  for (let index = 0; index < 12; index++) {
    const random = stream("valleys start", index);
    const start = model.pack([...atoms, atoms[index % 2]]).map((value) => value + 0.5 * random.normal());
    const found = createSolver(problem).solve(start, options);
    evaluations += found.evaluations;
    plain += createSolver(without).solve(start, options).evaluations;
    expect(["converged", "no-progress"]).toContain(found.status);
  }
  expect(evaluations).toBeLessThan(plain / 2);
});
