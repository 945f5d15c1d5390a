import { BLOCK, referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  type NamedAtom,
} from "../src/index.ts";

const tanh = { family: "ffn", activation: "tanh", bias: false };
const softmax = createModel({ gating: "softmax", expert: tanh, inputDim: 2, atoms: 2 });
const atoms: NamedAtom[] = [
  { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
  { beta1: [0.2, 0], beta0: 0, a: [-0.8, 1.6] },
];

describe("a model's parameters", () => {
  test("are the gates of all atoms, then the experts", () => {
    expect([...softmax.pack(atoms)]).toEqual([1, -0.7, 0.4, 0.2, 0, 0, 1.6, 0.8, -0.8, 1.6]);
    expect(softmax.parameterNames.slice(0, 3)).toEqual([
      "atom[0].beta1[0]",
      "atom[0].beta1[1]",
      "atom[0].beta0",
    ]);
    expect(softmax.parameterNames.at(-1)).toBe("atom[1].a[1]");
  });

  test.for<[string, NamedAtom[], RegExp]>([
    ["too few atoms", atoms.slice(1), /expected 2 atoms, got 1/],
    [
      "a missing field",
      [{ beta1: [1, 2], beta0: 0 }, atoms[1]],
      /atom\[0\]\.a must be 2 finite numbers, not undefined/,
    ],
    [
      "a field of the wrong length",
      [{ ...atoms[0], a: [1] }, atoms[1]],
      /atom\[0\]\.a must be 2 finite numbers, not \[1\]/,
    ],
    [
      "a number where a vector belongs",
      [{ ...atoms[0], a: 3 }, atoms[1]],
      /atom\[0\]\.a must be 2 finite numbers, not 3/,
    ],
    ["NaN", [{ ...atoms[0], beta0: NaN }, atoms[1]], /atom\[0\]\.beta0 must be a finite number, not NaN/],
    [
      "an infinite entry",
      [atoms[0], { ...atoms[1], beta1: [0, Infinity] }],
      /atom\[1\]\.beta1 must be 2 finite numbers, not \[0, Infinity\]/,
    ],
    [
      "a field the expert does not have",
      [{ ...atoms[0], b: 1 }, atoms[1]],
      /atom\[0\] has an unknown field "b"; known: beta1, beta0, a/,
    ],
  ])("are refused with %s", ([, named, message]) => {
    expect(() => softmax.pack(named)).toThrow(message);
  });

  test("are refused by the regression function when they or the inputs have the wrong length", () => {
    const out = new Float64Array(1);
    expect(() => softmax.regression(new Float64Array(9), new Float64Array(2), 1, out)).toThrow(
      "expected 10 parameters, got 9",
    );
    expect(() => softmax.regression(new Float64Array(10), new Float64Array(3), 1, out)).toThrow(
      "x holds 3 numbers, expected 1 rows of 2",
    );
  });

  test.for([
    { inputDim: 0, atoms: 1 },
    { inputDim: 1.5, atoms: 1 },
    { inputDim: 1, atoms: -1 },
    { inputDim: 1, atoms: NaN },
  ])("need positive whole sizes: %j", (sizes) => {
    expect(() => createModel({ gating: "softmax", expert: "linear", ...sizes })).toThrow(
      /must be a positive integer/,
    );
  });
});

describe("the mixing measure", () => {
  test("has masses exp(beta0) and the translation gauge for softmax", () => {
    const measure = softmax.measure(softmax.pack(atoms));
    expect(measure.gauge).toBe("translation");
    expect(measure.atoms[0]).toEqual({
      mass: Math.exp(0.4),
      beta0: 0.4,
      beta1: Float64Array.of(1, -0.7),
      eta: Float64Array.of(1.6, 0.8),
    });
  });

  test("has one sign of a scaled tanh expert, whose other sign is the same function, and both of an expert whose signs differ", () => {
    const both = (activation: string) => {
      const expert = { family: "ffn", activation, bias: true, scale: true };
      const model = createModel({ gating: "softmax", expert, inputDim: 1, atoms: 1 });
      return [1, -1].map((sign) => [
        ...model.measure(model.pack([{ beta1: [2], beta0: 0, a: [3 * sign], b: -sign, lambda: 2 * sign }]))
          .atoms[0].eta,
      ]);
    };
    expect(both("tanh")).toEqual([
      [3, -1, 2],
      [3, -1, 2],
    ]);
    expect(both("gelu")).toEqual([
      [3, -1, 2],
      [-3, 1, -2],
    ]);
  });

  test("has masses sigma(beta0) and no gauge for sigmoid", () => {
    const model = createModel({ gating: "sigmoid", expert: "linear", inputDim: 1, atoms: 1 });
    const measure = model.measure(model.pack([{ beta1: [2], beta0: 0, a: [3], b: 4 }]));
    expect(measure.gauge).toBe("none");
    expect(measure.atoms[0].mass).toBe(0.5);
    expect([...measure.atoms[0].eta]).toEqual([3, 4]);
    expect(model.gaugeGroups).toEqual([]);
  });
});

describe("the regression function", () => {
  test("is sum_j p_j h_j over many blocks, the last one partly filled", () => {
    const n = 2 * BLOCK + 77;
    const random = stream("model test");
    const x = Float64Array.from({ length: 2 * n }, () => 4 * random.uniform() - 2);
    const f = new Float64Array(n);
    softmax.regression(softmax.pack(atoms), x, n, f);
    f.forEach((value, i) => {
      const [x1, x2] = [x[i], x[n + i]];
      const [p, q] = [Math.exp(x1 - 0.7 * x2 + 0.4), Math.exp(0.2 * x1)];
      const expected = (p * Math.tanh(1.6 * x1 + 0.8 * x2) + q * Math.tanh(-0.8 * x1 + 1.6 * x2)) / (p + q);
      expect(Math.abs(value - expected)).toBeLessThan(1e-14);
    });
  });

  test("feeds x / |x| to a normalised expert, and 0 at x = 0", () => {
    const model = createModel({
      gating: "softmax",
      expert: { family: "linear", normalise: true },
      inputDim: 2,
      atoms: 1,
    });
    const theta = model.pack([{ beta1: [0, 0], beta0: 0, a: [1, 2], b: 0.5 }]);
    const f = new Float64Array(2);
    model.regression(theta, Float64Array.of(3, 0, 4, 0), 2, f);
    expect(f[0]).toBeCloseTo(0.6 + 1.6 + 0.5, 14);
    expect(f[1]).toBe(0.5);
  });
});

describe("data and objective", () => {
  const kernels = referenceKernels(dataDoubles(10, 2, false) + objectiveDoubles(softmax, 3) + 100);
  const [x, y] = [new Float64Array(20), new Float64Array(10)];

  test("refuse lengths that disagree", () => {
    const request = { x, y, inputDim: 2, normalised: false };
    expect(() => loadData(kernels, { ...request, x: new Float64Array(19) })).toThrow(
      "x holds 19 numbers, expected 10 rows of 2",
    );
    expect(() => loadData(kernels, { ...request, weights: new Float64Array(9) })).toThrow(
      "9 weights for 10 observations",
    );
  });

  test("refuse a model that needs other data", () => {
    const data = loadData(kernels, { x, y, inputDim: 2, normalised: false });
    const flat = createModel({ gating: "softmax", expert: tanh, inputDim: 1, atoms: 2 });
    const normalised = createModel({
      gating: "softmax",
      expert: { ...tanh, normalise: true },
      inputDim: 2,
      atoms: 2,
    });
    expect(() => createObjective(flat, data, kernels)).toThrow("the model has 1 inputs, the data 2");
    expect(() => createObjective(normalised, data, kernels)).toThrow("the model needs x / |x|");
  });

  test("count a weight of 2 as the observation twice", () => {
    const random = stream("model test", "weights");
    const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
    const [once, response] = [draw(6), draw(3)];
    const theta = softmax.pack(atoms);
    const own = () => referenceKernels(dataDoubles(300, 2, false) + objectiveDoubles(softmax, 3) + 100);
    const value = (data: Parameters<typeof loadData>[1]) => {
      const fresh = own();
      return createObjective(softmax, loadData(fresh, data), fresh).value(theta);
    };
    const weighted = value({
      x: once,
      y: response,
      weights: Float64Array.of(1, 2, 1),
      inputDim: 2,
      normalised: false,
    });
    const twice = value({
      x: Float64Array.of(once[0], once[1], once[1], once[2], once[3], once[4], once[4], once[5]),
      y: Float64Array.of(response[0], response[1], response[1], response[2]),
      inputDim: 2,
      normalised: false,
    });
    expect(weighted).toBeCloseTo(twice, 12);
  });
});

describe("a gate with a temperature", () => {
  const router = { family: "dense-to-sparse", router: "tanh", temperature: 0.5 };
  const model = createModel({ gating: router, expert: tanh, inputDim: 2, atoms: 2 });
  const named: NamedAtom[] = [
    { omega: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
    { omega: [0.2, 0], beta0: 0, a: [-0.8, 1.6] },
  ];

  test("packs it after the gates, by name or from the option", () => {
    expect(model.parameterNames[6]).toBe("temperature");
    expect(model.pack(named)[6]).toBe(0.5);
    expect(model.unpackShared(model.pack(named, { temperature: 2 }))).toEqual({ temperature: 2 });
  });

  test("has masses exp(beta0 / temperature), the temperature in the measure, and a gauge of the intercepts alone", () => {
    const measure = model.measure(model.pack(named));
    expect(measure).toMatchObject({ gauge: "intercept", temperature: 0.5 });
    expect(measure.atoms[0].mass).toBe(Math.exp(0.8));
    expect([...measure.atoms[0].beta1]).toEqual([1, -0.7]);
    expect(model.gaugeGroups.map((group) => [...group])).toEqual([[2, 5]]);
  });

  test("is, with a linear router, unchanged when all gates and the temperature are multiplied", () => {
    const linear = createModel({ gating: "dense-to-sparse", expert: tanh, inputDim: 2, atoms: 2 });
    const f = (factor: number) => {
      const out = new Float64Array(2);
      const scaled = atoms.map((atom) => ({
        ...atom,
        beta1: (atom["beta1"] as number[]).map((value) => factor * value),
        beta0: factor * (atom["beta0"] as number),
      }));
      linear.regression(
        linear.pack(scaled, { temperature: 0.5 * factor }),
        Float64Array.of(1, 2, 3, 4),
        2,
        out,
      );
      return out;
    };
    f(3).forEach((value, i) => expect(value).toBeCloseTo(f(1)[i], 14));
  });
});

test("a top-K measure says how many atoms are active, never more than there are", () => {
  const active = (k: number) => {
    const model = createModel({ gating: { family: "top-k", k }, expert: tanh, inputDim: 2, atoms: 2 });
    return model.measure(model.pack(atoms)).activeAtoms;
  };
  expect([active(1), active(2), active(3)]).toEqual([1, 2, 2]);
});
