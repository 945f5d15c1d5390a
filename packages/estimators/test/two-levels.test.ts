import { referenceKernels } from "@moe-rates/kernels";
import { gradientByDifferences, stream } from "@moe-rates/math";
import { createModel, type MixtureModel } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../src/index.ts";
import { atomPlaces, copyAtom, copyAtoms } from "../src/atom-layout.ts";
import { growths } from "../src/growths.ts";
import { kMeansStart } from "../src/k-means-start.ts";
import { redrawnAtom } from "../src/random-start.ts";
import { atomWeights, partitions, regroup, regroupedStarts, rowsOf } from "../src/regroup.ts";
import { createScoreField } from "../src/score-field.ts";
import { fitData } from "../src/screening-data.ts";
import { scatteredSplit, splitDirections, splitStart } from "../src/split-start.ts";
import { solveLinear } from "./support/brute-force-quadratic.ts";
import { objectiveOn, tanhWithoutBias } from "./support/mixture-data.ts";

const n = 400;
const model = (atoms: number, groups = 2) =>
  createModel({
    gating: { family: "hierarchical", groups },
    expert: tanhWithoutBias,
    inputDim: 2,
    atoms,
  });
const truth = model(4);
const trueTheta = truth.pack(
  [
    { beta1: [1.5, -1], beta0: 0.4, a: [1.6, 0.8] },
    { beta1: [0, 0], beta0: 0, a: [-0.8, 1.6] },
    { beta1: [1, 1.5], beta0: 0, a: [1, -1.8] },
    { beta1: [0, 0], beta0: 0, a: [-2, -0.6] },
  ],
  {
    groups: [
      { a: [1.2, 0.8], b: 0.2 },
      { a: [0, 0], b: 0 },
    ],
  },
);

function draw(key: string, count: number) {
  const random = stream("two levels test", key);
  const x = Float64Array.from({ length: 2 * count }, () => 6 * random.uniform() - 3);
  const y = new Float64Array(count);
  truth.regression(trueTheta, x, count, y);
  return { x, y: y.map((value) => value + 0.1 * random.normal()) };
}

const data = draw("data", n);
const at = (of: MixtureModel, theta: Float64Array): Float64Array => {
  const out = new Float64Array(n);
  of.regression(theta, data.x, n, out);
  return out;
};
const distance = (a: Float64Array, b: Float64Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
const randomTheta = (of: MixtureModel, key: string) => {
  const random = stream("two levels test", "theta", key);
  return Float64Array.from({ length: of.parameterCount }, () => random.normal());
};

describe("one atom more", () => {
  test.for<[number, number]>([
    [2, 2],
    [3, 1],
    [4, 2],
    [5, 1],
  ])(
    "can go into every group with room: from %i atoms in 2 groups in %i ways, f unchanged",
    ([atoms, ways]) => {
      const [small, large] = [model(atoms), model(atoms + 1)];
      const theta = randomTheta(small, `growth ${atoms}`);
      const found = growths(small, theta, large);
      expect(found).toHaveLength(ways);
      for (const growth of found) {
        expect(distance(at(small, growth.theta), at(small, theta))).toBeLessThan(1e-12);
        const grown = new Float64Array(large.parameterCount);
        copyAtoms(small, growth.theta, large, grown);
        const { added } = atomPlaces(small, large);
        const gate = large.channels.find((channel) => channel.atom === added && channel.part === "gate")!;
        grown[gate.parameter + gate.terms - 1] = -800;
        expect(distance(at(large, grown), at(small, theta))).toBeLessThan(1e-12);
      }
    },
  );

  test("makes groups of the atoms of a one-level gate when there are as many as groups", () => {
    const [small, large] = [model(2, 3), model(3, 3)];
    expect([small.gating.groups, large.gating.groups]).toEqual([undefined, [1, 1, 1]]);
    const theta = randomTheta(small, "first groups");
    const grown = new Float64Array(large.parameterCount);
    copyAtoms(small, theta, large, grown);
    const single = model(1, 3);
    const point = randomTheta(single, "third");
    copyAtom(single, point, 0, large, grown, 2);
    const flat = createModel({ gating: "softmax", expert: tanhWithoutBias, inputDim: 2, atoms: 3 });
    const expected = flat.pack([...small.unpack(theta), ...single.unpack(point)]);
    expect(distance(at(large, grown), at(flat, expected))).toBeLessThan(1e-12);
  });
});

describe("splitting an atom within its group", () => {
  const [small, large] = [model(4), model(5)];
  const theta = randomTheta(small, "split");
  const ways = growths(small, theta, large);
  const sse = objectiveOn(small, data).value(theta);

  test("leaves f as it is at length 0, and lowers S by eigenvalue * length^2", () => {
    for (const way of ways) {
      const directions = splitDirections(objectiveOn(small, data), way.theta).filter(({ atom }) =>
        way.atoms.includes(atom),
      );
      expect(directions).toHaveLength(2);
      for (const direction of directions) {
        const value = (length: number) =>
          objectiveOn(large, data).value(splitStart(small, way.theta, large, direction, length));
        expect(value(0) / sse).toBeCloseTo(1, 12);
        const error = (length: number) =>
          Math.abs((sse - value(length)) / (direction.eigenvalue * length ** 2) - 1);
        expect(error(0.01)).toBeLessThan(2e-2);
        expect(error(0.01)).toBeLessThan(Math.max(1e-5, error(0.04) / 8));
      }
    }
  });

  test("of an atom alone in its group moves its expert only", () => {
    const [alone, pair] = [model(2), model(3)];
    const start = randomTheta(alone, "alone");
    const before = objectiveOn(alone, data).value(start);
    for (const direction of splitDirections(objectiveOn(alone, data), start)) {
      expect(direction.indices).toHaveLength(2);
      const [way] = growths(alone, start, pair).filter(({ atoms }) => atoms.includes(direction.atom));
      if (!way) continue;
      const value = objectiveOn(pair, data).value(splitStart(alone, way.theta, pair, direction, 0.1));
      expect(Math.abs((before - value) / (direction.eigenvalue * 0.01) - 1)).toBeLessThan(5e-2);
    }
  });

  test("scattered starts stay near the fit they split", () => {
    const random = stream("two levels test", "scatter");
    const start = scatteredSplit(small, theta, large, 1, 1e-6, fitData(data.x, data.y, 2), random);
    expect(distance(at(large, start), at(small, theta))).toBeLessThan(1e-3);
  });
});

describe("the score field of a group", () => {
  const [single, small, large] = [model(1), model(4), model(5)];
  const random = stream("two levels test", "points");
  const points = Array.from({ length: 4 }, () =>
    Float64Array.from({ length: single.parameterCount }, () => random.normal()),
  );
  const ways = growths(
    small,
    trueTheta.map((value) => value + 0.3 * random.normal()),
    large,
  );
  const settings = ways.map(({ theta, group }) => {
    const kernels = referenceKernels(2_000_000);
    const objective = objectiveOn(small, data, kernels);
    const field = createScoreField({ kernels, data: objective.data, objective, theta, single, group });
    return { theta, field };
  });

  test("is 2 <e, u> - |u_perp|^2 of the atom's effect on f", () => {
    for (const { theta, field } of settings) {
      for (const point of points) {
        const expected = gainByDefinition(small, large, single, theta, point);
        expect(Math.abs(field.gain(point, null) - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
      }
    }
  });

  test("has the gradient that central differences give", () => {
    for (const { field } of settings) {
      for (const point of points) {
        const gradient = new Float64Array(single.parameterCount);
        field.gain(point, gradient);
        const expected = gradientByDifferences((where) => field.gain(where, null), point.slice());
        const size = Math.max(1, ...expected.map(Math.abs));
        gradient.forEach((slope, i) => expect(Math.abs(slope - expected[i]) / size).toBeLessThan(1e-7));
      }
    }
  });
});

describe("starts of a two-level model", () => {
  const own = model(6);
  const columns = fitData(data.x, data.y, 2);

  test("from clusters give every group and atom a gate of its own", () => {
    const kernels = referenceKernels(globalFitDoubles(n, own));
    const start = kMeansStart(kernels, columns, model(1), own, 10, stream("two levels test", "clusters"));
    const { groups } = own.measure(start);
    expect(new Set(groups!.map(({ a }) => a.join())).size).toBe(2);
    expect(new Set(groups!.flatMap(({ atoms }) => atoms.map(({ beta1 }) => beta1.join()))).size).toBe(6);
    expect(objectiveOn(own, data).value(start)).toBeLessThan(
      objectiveOn(own, data).value(new Float64Array(own.parameterCount)),
    );
  });

  test("around a fit change one atom, one group's gate, or let two atoms of different groups trade places", () => {
    const random = stream("two levels test", "around");
    const theta = randomTheta(own, "around");
    const changed = Array.from({ length: 60 }, () => {
      const { start } = redrawnAtom(own, theta, columns, 10, random);
      const owners = own.channels.flatMap(({ atom, group, parameter, terms }) => {
        const same = theta
          .subarray(parameter, parameter + terms)
          .every((value, t) => value === start[parameter + t]);
        return same ? [] : [atom === null ? `group ${group}` : `atom ${atom}`];
      });
      return [...new Set(owners)];
    });
    expect(changed.some(([owner, ...others]) => owner.startsWith("group") && others.length === 0)).toBe(true);
    expect(changed.some(([owner, ...others]) => owner.startsWith("atom") && others.length === 0)).toBe(true);
    const trades = changed.filter((owners) => owners.length === 2);
    expect(trades.length).toBeGreaterThan(0);
    for (const trade of trades) {
      const [a, b] = trade.map((owner) => Number(owner.split(" ")[1]));
      expect([Math.min(a, b) < 3, Math.max(a, b) >= 3]).toEqual([true, true]);
    }
    expect(changed.every((owners) => owners.length <= 2)).toBe(true);
  });
});

describe("grouping the atoms of a fit in other ways", () => {
  const columns = fitData(data.x, data.y, 2);
  const random = () => stream("two levels test", "regroup");

  test.for<[number[], number]>([
    [[1, 1, 1], 1],
    [[2, 2], 3],
    [[3, 2], 10],
    [[3, 3], 10],
    [[2, 2, 2], 15],
  ])("groups of %j atoms can be chosen in %i ways", ([sizes, ways]) => {
    const found = partitions(sizes, random(), 5);
    const canonical = found.map((groups) => JSON.stringify(groups.map((group) => group.join()).toSorted()));
    expect(new Set(canonical).size).toBe(ways);
    expect(found).toHaveLength(ways);
  });

  test("draws some where there are too many to list", () => {
    const found = partitions([4, 4, 4], random(), 5);
    expect(found).toHaveLength(5);
    for (const groups of found)
      expect(groups.flat().toSorted((a, b) => a - b)).toEqual([...Array(12).keys()]);
  });

  test("leaves f as it is where the atoms stay together, whatever their order", () => {
    const rows = rowsOf(columns);
    const logs = atomWeights(truth, trueTheta, columns, rows);
    for (const partition of [
      [
        [0, 1],
        [2, 3],
      ],
      [
        [3, 2],
        [0, 1],
      ],
    ]) {
      const start = regroup(truth, trueTheta, columns, rows, logs, partition);
      expect(distance(at(truth, start), at(truth, trueTheta))).toBeLessThan(1e-6);
    }
  });

  test("gives every other grouping once, with the experts of the fit", () => {
    const starts = regroupedStarts(truth, trueTheta, columns, 12, random());
    const experts = (theta: Float64Array) =>
      truth
        .unpack(theta)
        .map(({ a }) => String(a))
        .toSorted();
    expect(starts).toHaveLength(2);
    for (const start of starts) {
      expect(experts(start)).toEqual(experts(trueTheta));
      expect(distance(at(truth, start), at(truth, trueTheta))).toBeGreaterThan(0.1);
    }
  });
});

test("a global fit with two groups of two is certified, below the truth's sum of squares, its gauge fixed at both levels", () => {
  const sample = draw("fit", 500);
  const fit = fitGlobal({
    kernels: referenceKernels(globalFitDoubles(500, truth)),
    ...sample,
    inputDim: 2,
    modelWith: (atoms) => model(atoms),
    atoms: 4,
    box: 10,
    policy: { ...mixedPolicy, add: 20, split: 4, random: 4, around: 20 },
    points: [],
    random: (purpose) => stream("two levels test", "fit", purpose),
  });
  expect(fit.certificate.reasons).toEqual([]);
  expect(fit.certified).toBe(true);
  expect(fit.sse).toBeLessThan(objectiveOn(truth, sample).value(trueTheta));
  expect(truth.gaugeGroups).toHaveLength(9);
  for (const group of truth.gaugeGroups) {
    let sum = 0;
    for (const i of group) sum += fit.theta[i];
    expect(Math.abs(sum)).toBeLessThan(1e-9);
  }
});

/** 2 <e, u> - |u_perp|^2 by definition: u is the change of f by the new atom, u_perp what a linear fit of the Jacobian leaves of it. */
function gainByDefinition(
  small: MixtureModel,
  large: MixtureModel,
  single: MixtureModel,
  theta: Float64Array,
  point: Float64Array,
): number {
  const grown = new Float64Array(large.parameterCount);
  copyAtoms(small, theta, large, grown);
  copyAtom(single, point, 0, large, grown, atomPlaces(small, large).added);
  const f = at(small, theta);
  const u = at(large, grown).map((value, i) => value - f[i]);
  const residual = data.y.map((value, i) => value - f[i]);
  const columns = Array.from(theta, (_, j) => {
    const moved = (step: number) =>
      at(
        small,
        theta.map((value, i) => (i === j ? value + step : value)),
      );
    const [up, down] = [moved(1e-5), moved(-1e-5)];
    return up.map((value, i) => (value - down[i]) / 2e-5);
  });
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const coefficients = solveLinear(
    columns.map((column, i) => {
      const row = Float64Array.from([...columns.map((other) => dot(column, other)), dot(column, u)]);
      row[i] += 1e-11 * dot(column, column);
      return row;
    }),
  )!;
  const left = u.map(
    (value, i) => value - columns.reduce((sum, column, j) => sum + coefficients[j] * column[i], 0),
  );
  return 2 * dot(residual, u) - dot(left, left);
}
