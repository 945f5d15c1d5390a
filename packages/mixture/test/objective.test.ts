import { referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  overwriteData,
  shippedFamilies,
  type ExpertSpec,
  type GatingSpec,
} from "../src/index.ts";

const experts: ExpertSpec[] = [
  "linear",
  { family: "linear", bias: false },
  { family: "polynomial", degree: 1 },
  { family: "polynomial", degree: 3, scale: true },
  ...["relu", "gelu", "sigmoid", "tanh"].flatMap((activation) => [
    { family: "ffn", activation },
    { family: "ffn", activation, scale: true },
    { family: "ffn", activation, bias: false, normalise: true },
    { family: "ffn", activation, scale: true, normalise: true },
  ]),
];

const n = 300;
const inputDim = 2;

const gatings: GatingSpec[] = [
  ...Object.keys(shippedFamilies.gatings),
  { family: "sigmoid", normalised: true },
  { family: "dense-to-sparse", router: "gelu" },
  { family: "dense-to-sparse", router: "mlp" },
  { family: "top-k", k: 1, rank: "score" },
];

function problem(gating: GatingSpec, expert: ExpertSpec, atoms: number) {
  const model = createModel({ gating, expert, inputDim, atoms });
  const kernels = referenceKernels(
    dataDoubles(n, inputDim, model.normalised) + objectiveDoubles(model, 5) + 1000,
  );
  const random = stream(
    "objective",
    typeof gating === "string" ? gating : JSON.stringify(gating),
    JSON.stringify(expert),
    "b",
  );
  const x = Float64Array.from({ length: n * inputDim }, () => 4 * random.uniform() - 2);
  const y = Float64Array.from({ length: n }, () => random.normal());
  const weights = Float64Array.from({ length: n }, () => 1 + random.integer(3));
  const data = loadData(kernels, { x, y, weights, inputDim, normalised: model.normalised });
  const theta = Float64Array.from({ length: model.parameterCount }, () => random.normal());
  for (const { bounds, parameter } of model.channels) if (bounds) theta[parameter] = 0.7;
  return { model, objective: createObjective(model, data, kernels), theta, x, y, weights };
}

describe.each(gatings.map((gating) => [JSON.stringify(gating), gating] as const))(
  "least-squares objective, %s gating",
  (_gate, gating) => {
    test.each(experts.map((expert) => [JSON.stringify(expert), expert] as const))("%s", (_name, expert) => {
      const { model, objective, theta, x, y, weights } = problem(gating, expert, 3);
      const p = model.parameterCount;
      const gradient = new Float64Array(p);
      const norms = new Float64Array(p);
      const gram = new Float64Array(p * p);
      const hessian = new Float64Array(p * p);
      const sse = objective.derivatives(theta, gradient, norms, gram, false);
      expect(objective.value(theta)).toBeCloseTo(sse, 9);
      const slope = new Float64Array(p);
      expect(objective.slope(theta, slope)).toBe(sse);
      expect(slope).toEqual(gradient);
      const f = new Float64Array(n);
      model.regression(theta, x, n, f);
      const direct = f.reduce((sum, value, i) => sum + weights[i] * (value - y[i]) ** 2, 0);
      expect(Math.abs(direct - sse) / sse).toBeLessThan(1e-12);
      const fitted = new Float64Array(n);
      objective.fitted(theta, fitted);
      fitted.forEach((value, i) => expect(value).toBeCloseTo(f[i], 12));

      const jacobian: Float64Array[] = [];
      const shifted = Float64Array.from(theta);
      const up = new Float64Array(n);
      const down = new Float64Array(n);
      objective.derivatives(theta, gradient, norms, hessian, true);
      for (let i = 0; i < p; i++) {
        const step = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(theta[i]));
        shifted[i] = theta[i] + step;
        model.regression(shifted, x, n, up);
        const gradientUp = new Float64Array(p);
        objective.derivatives(shifted, gradientUp, norms, gram, false);
        shifted[i] = theta[i] - step;
        model.regression(shifted, x, n, down);
        const gradientDown = new Float64Array(p);
        objective.derivatives(shifted, gradientDown, norms, gram, false);
        shifted[i] = theta[i];
        jacobian.push(up.map((value, row) => (value - down[row]) / (2 * step)));
        if (JSON.stringify(expert).includes("relu")) continue;
        for (let j = 0; j < p; j++) {
          const difference = (gradientUp[j] - gradientDown[j]) / (2 * step);
          const size = 1 + Math.sqrt(hessian[i * p + i] ** 2 + hessian[j * p + j] ** 2);
          expect(Math.abs(hessian[i * p + j] - difference) / size).toBeLessThan(1e-6);
        }
      }
      objective.derivatives(theta, gradient, norms, gram, false);
      const size = Math.sqrt(gram.reduce((sum, value) => Math.max(sum, Math.abs(value)), 1));
      for (let i = 0; i < p; i++) {
        const dot = jacobian[i].reduce(
          (sum, value, row) => sum + weights[row] * value * (f[row] - y[row]),
          0,
        );
        expect(Math.abs(gradient[i] - dot) / (size * Math.sqrt(sse))).toBeLessThan(1e-6);
        expect(norms[i]).toBeCloseTo(gram[i * p + i], 8);
        for (let j = 0; j < p; j++) {
          const product = jacobian[i].reduce(
            (sum, value, row) => sum + weights[row] * value * jacobian[j][row],
            0,
          );
          expect(Math.abs(gram[i * p + j] - product) / size ** 2).toBeLessThan(1e-6);
        }
      }
    });
  },
);

test("an objective goes on with the observations that were written over the first ones", () => {
  const first = problem("softmax", "linear", 2);
  const second = problem("softmax", "linear", 3);
  const { objective, theta, model } = first;
  const before = objective.value(theta);
  const y = second.y.map((value) => value + 1);
  overwriteData(objective.kernels, objective.data, { ...first, y });
  const f = new Float64Array(n);
  model.regression(theta, first.x, n, f);
  const direct = f.reduce((sum, value, i) => sum + first.weights[i] * (value - y[i]) ** 2, 0);
  expect(Math.abs(objective.value(theta) - direct) / direct).toBeLessThan(1e-12);
  overwriteData(objective.kernels, objective.data, first);
  expect(objective.value(theta)).toBe(before);
});

describe("curvature of three softmax gates", () => {
  const { model, objective, theta } = problem("softmax", "linear", 3);
  const p = model.parameterCount;
  const derivatives = (at: Float64Array) => {
    const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];
    objective.derivatives(at, gradient, norms, hessian, true);
    return { norms, hessian };
  };
  /** Index, in theta with the atoms in another order, of every parameter. */
  const moved = (order: readonly number[]): number[] => {
    const to = Array.from({ length: p }, () => -1);
    for (const { atom, part, parameter, terms } of model.channels) {
      const other = model.channels.find((channel) => channel.part === part && channel.atom === order[atom!])!;
      for (let t = 0; t < terms; t++) to[parameter + t] = other.parameter + t;
    }
    return to;
  };

  test.each([0, 1e-3, 1e-6, 1e-9, 1e-12])(
    "between any two gates does not depend on which atom stands first, however light one is (mass %d)",
    (mass) => {
      const light = model.pack(
        model
          .unpack(theta)
          .map((atom, j) => (j === 0 && mass > 0 ? { ...atom, beta0: Math.log(mass) } : atom)),
      );
      const here = derivatives(light);
      for (const order of [
        [1, 2, 0],
        [2, 0, 1],
        [1, 0, 2],
      ]) {
        const to = moved(order);
        const there = new Float64Array(p);
        to.forEach((at, i) => (there[at] = light[i]));
        const other = derivatives(there);
        for (const a of model.channels.slice(0, 3))
          for (const b of model.channels.slice(0, 3))
            for (let t = 0; t < a.terms && a !== b; t++) {
              const [i, j] = [a.parameter + t, b.parameter + t];
              const along = ({ hessian }: typeof here, u: number, v: number) =>
                hessian[u * p + u] - hessian[u * p + v] - hessian[v * p + u] + hessian[v * p + v];
              const size = here.norms[i] + here.norms[j];
              expect(Math.abs(along(here, i, j) - along(other, to[i], to[j])) / size).toBeLessThan(1e-10);
            }
      }
    },
  );
});
