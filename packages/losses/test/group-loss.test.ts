import { stream } from "@moe-rates/math";
import type { MeasureGroup, MixingMeasure } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { componentErrors, voronoiLoss } from "../src/index.ts";
import { type Formula, searchGauge } from "./definition.ts";
import { type Row, shifted, softmaxMeasure } from "./measures.ts";

interface GroupRow {
  readonly b: number;
  readonly a: number[];
  readonly rows: Row[];
}

function grouped(rows: readonly GroupRow[]): MixingMeasure {
  const groups = rows.map(({ b, a, rows: atoms }) => ({
    mass: Math.exp(b),
    b,
    a: Float64Array.from(a),
    atoms: softmaxMeasure(atoms).atoms,
  }));
  return { gauge: "translation", groups, atoms: groups.flatMap(({ atoms }) => atoms) };
}

const truth = grouped([
  {
    b: 0.2,
    a: [1, 0],
    rows: [
      [0.4, [1.5, -1], [2, 1]],
      [0, [0, 0], [-1, 2]],
    ],
  },
  {
    b: 0,
    a: [0, 0],
    rows: [
      [0, [1, 1], [1, -2]],
      [0, [0, 0], [-2, -1]],
    ],
  },
]);

const once = (size: number) => (size > 1 ? 2 : 1);
const flat = ({ atoms }: MeasureGroup): MixingMeasure => ({ gauge: "translation", atoms });
const firstLevel = ({ groups }: MixingMeasure) =>
  softmaxMeasure(groups!.map(({ b, a }): Row => [b, Array.from(a), []]));

/** The two-level loss at a first-level gauge for one matching, from its formula and from inner losses. */
function lossOfMatching(
  fitted: MixingMeasure,
  reference: MixingMeasure,
  matching: readonly number[],
  inner: readonly (readonly number[])[],
  gauge: { readonly c: number; readonly t1: readonly number[] },
  power: number,
): number {
  return matching.reduce((sum, j, i) => {
    const own = fitted.groups![i];
    const other = reference.groups![j];
    const mass = gauge.c * own.mass;
    const distance = Math.hypot(...Array.from(own.a, (v, u) => v + gauge.t1[u] - other.a[u]));
    return sum + Math.abs(mass - other.mass) + mass * (distance ** power + inner[i][j]);
  }, 0);
}

function orders(count: number): number[][] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => [...rest.slice(0, at), count - 1, ...rest.slice(at)]),
  );
}

/** Every matching, a random search over the first gauge, and the inner losses from a random search over each inner gauge. */
function bruteForce(fitted: MixingMeasure, reference: MixingMeasure, formula: Formula, key: number): number {
  const power = formula.power(1);
  const inner = fitted.groups!.map((own) =>
    reference.groups!.map((other) => searchGauge(formula, flat(own), flat(other), key, 8)),
  );
  const random = stream("matchings", key);
  const d = reference.groups![0].a.length;
  let best = Infinity;
  for (const matching of orders(reference.groups!.length)) {
    const centres = matching.map((j, i) => ({
      t1: Array.from(reference.groups![j].a, (v, u) => v - fitted.groups![i].a[u]),
      loss: Infinity,
    }));
    const factors = matching.map((j, i) => reference.groups![j].mass / fitted.groups![i].mass);
    const at = (t1: readonly number[]) =>
      Math.min(...factors.map((c) => lossOfMatching(fitted, reference, matching, inner, { c, t1 }, power)));
    for (const centre of centres) {
      centre.loss = at(centre.t1);
      for (let radius = 2; radius > 1e-4; radius /= 2) {
        for (let draw = 0; draw < 10 * d; draw++) {
          const t1 = centre.t1.map((value) => value + radius * random.normal());
          const loss = at(t1);
          if (loss < centre.loss) Object.assign(centre, { t1, loss });
        }
      }
      best = Math.min(best, centre.loss);
    }
  }
  return best;
}

/** Groups in another order, every level moved along its gauge, atoms moved by `radius`, `spare` atoms copied per group. */
function disturbed(reference: MixingMeasure, key: number, radius: number, spare: number): MixingMeasure {
  const random = stream("two levels", key);
  const near = (values: Float64Array, shift: readonly number[] = []) =>
    Array.from(values, (value, u) => value + (shift[u] ?? 0) + radius * random.normal());
  const shifts = reference.groups!.map(() => [random.normal(), random.normal()]);
  const common = [3 * random.normal(), 3 * random.normal()];
  const rows = reference.groups!.map(({ a, b, atoms }, g): GroupRow => {
    const own = atoms.map(({ beta0, beta1, eta }): Row => [
      beta0 + shifts[g][0] + radius * random.normal(),
      near(beta1, shifts[g]),
      near(eta),
    ]);
    const copies = Array.from({ length: spare }, (_, i): Row => [
      own[i][0] - 0.7,
      near(Float64Array.from(own[i][1])),
      near(Float64Array.from(own[i][2])),
    ]);
    return { b: b + common[0] + radius * random.normal(), a: near(a, common), rows: [...own, ...copies] };
  });
  return grouped(rows.toReversed());
}

describe("voronoi-d5 by hand", () => {
  it("is zero on the truth in any order of the groups and any gauge of either level", () => {
    const loss = voronoiLoss("voronoi-d5", disturbed(truth, 1, 0, 0), truth);
    expect(loss.total).toBeLessThan(1e-12);
    expect(Array.from(loss.cells)).toEqual([2, 3, 0, 1]);
    expect(loss.cellSizes).toEqual([1, 1, 1, 1]);
    loss.aligned.groups!.forEach((group, g) => {
      const other = truth.groups![1 - g];
      expect(group.b).toBeCloseTo(other.b, 10);
      group.a.forEach((value, u) => expect(value).toBeCloseTo(other.a[u], 10));
      group.atoms.forEach((atom, i) => expect(atom.beta0).toBeCloseTo(other.atoms[i].beta0, 10));
    });
    expect(loss.aligned.atoms).toEqual(loss.aligned.groups!.flatMap(({ atoms }) => atoms));
  });

  it("counts errors within a group times the group's mass, and those of group gates beside them", () => {
    const [first, second] = truth.groups!;
    const moved = { ...first, atoms: [{ ...first.atoms[0], eta: Float64Array.of(2, 1.25) }, first.atoms[1]] };
    const inner = { ...truth, groups: [moved, second], atoms: [...moved.atoms, ...second.atoms] };
    const loss = voronoiLoss("voronoi-d5", inner, truth);
    expect(loss.total).toBeCloseTo(Math.exp(0.2) * Math.exp(0.4) * 0.25, 12);
    expect(loss.components["exact-expert"]).toBeCloseTo(loss.total, 12);
    expect(loss.components["exact-expert-error"]).toBeCloseTo(0.25 / 4, 12);
    const heavier = { ...second, b: 0.3, mass: Math.exp(0.3) };
    const outer = voronoiLoss("voronoi-d5", { ...truth, groups: [first, heavier] }, truth);
    expect(outer.components["group-mass"]).toBeCloseTo(outer.total, 12);
    expect(outer.total).toBeCloseTo(Math.min(Math.exp(0.3) - 1, Math.exp(0.2) * (1 - Math.exp(-0.3))), 12);
    expect(componentErrors(inner, truth)).toMatchObject({
      "group-gate-error": 0,
      "exact-expert-error": expect.closeTo(0.0625, 10),
    });
  });

  it("squares an over-specified cell of a group; voronoi-d6 raises every norm to r", () => {
    const [first, second] = truth.groups!;
    const half = (e: number) => ({
      ...first.atoms[0],
      beta0: first.atoms[0].beta0 - Math.LN2,
      mass: first.atoms[0].mass / 2,
      eta: Float64Array.of(2 + e, 1),
    });
    const group = { ...first, atoms: [half(0.1), half(-0.1), first.atoms[1]] };
    const fitted = { ...truth, groups: [group, second], atoms: [...group.atoms, ...second.atoms] };
    const weight = Math.exp(0.2) * Math.exp(0.4);
    const loss = voronoiLoss("voronoi-d5", fitted, truth);
    expect(loss.total).toBeCloseTo(weight * 0.01, 12);
    expect(loss.components["over-expert-rms"]).toBeCloseTo(0.1, 12);
    expect(loss.cellSizes).toEqual([2, 1, 1, 1]);
    expect(voronoiLoss("voronoi-d6:3", fitted, truth).total).toBeCloseTo(weight * 1e-3, 12);
    expect(voronoiLoss("voronoi-d6:1", fitted, truth).total).toBeCloseTo(weight * 0.1, 12);
  });

  it("asks for as many groups", () => {
    const one = { ...truth, groups: truth.groups!.slice(0, 1), atoms: truth.groups![0].atoms };
    expect(() => voronoiLoss("voronoi-d5", one, truth)).toThrow("the fit has 1 groups, the truth 2");
    expect(() => voronoiLoss("voronoi-d1", truth, truth)).toThrow(
      "voronoi-d1 does not compare hierarchical measures",
    );
  });
});

describe.each([
  ["voronoi-d5", { power: once }],
  ["voronoi-d6:2", { power: () => 2 }],
  ["voronoi-d6:3", { power: () => 3 }],
] as const)("%s", (name, formula) => {
  it.each([
    [0.05, 0],
    [0.3, 1],
    [1.5, 1],
  ])(
    "is at most 1.01 times brute force over matchings and both gauges (errors of %d, %d spare atoms per group)",
    (radius, spare) => {
      for (let key = 0; key < 3; key++) {
        const fitted = disturbed(truth, key, radius, spare);
        const loss = voronoiLoss(name, fitted, truth);
        const { total } = loss;
        expect(total).toBeLessThanOrEqual(1.01 * bruteForce(fitted, truth, formula, key));
        const { mass, exact, over, "group-mass": groups, "group-gate": gates } = loss.components;
        expect(total).toBeCloseTo(mass + exact + over + groups + gates, 10);
      }
    },
  );
});

describe("matching many groups", () => {
  it("finds the order and the gauge of eight groups, where not every matching is tried", () => {
    const random = stream("many groups", 1);
    const many = grouped(
      Array.from({ length: 8 }, (): GroupRow => ({
        b: random.normal(),
        a: [2 * random.normal(), 2 * random.normal()],
        rows: [[0, [random.normal(), random.normal()], [random.normal(), random.normal()]]],
      })),
    );
    const exact = voronoiLoss("voronoi-d5", disturbed(many, 2, 0, 0), many);
    expect(exact.total).toBeLessThan(1e-10);
    expect(Array.from(exact.cells)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    const near = voronoiLoss("voronoi-d5", disturbed(many, 3, 0.01, 0), many);
    expect(Array.from(near.cells)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    expect(near.total).toBeLessThan(2);
    const moved = { ...many, groups: many.groups!.map((group) => ({ ...group, b: group.b - 3 })) };
    expect(voronoiLoss("voronoi-d5", moved, many).shift.t0).toBeCloseTo(3, 10);
  });

  it("of a single level agrees with the flat loss of the group gates", () => {
    const bare = grouped([
      { b: 0.3, a: [1, 2], rows: [[0, [0, 0], [0, 0]]] },
      { b: -0.4, a: [-1, 0], rows: [[0, [0, 0], [0, 0]]] },
    ]);
    const fitted = grouped([
      { b: 1.4, a: [3.1, 2], rows: [[0, [5, 0], [0, 0]]] },
      { b: 0.5, a: [0.9, 0.2], rows: [[0, [0, 2], [0, 0]]] },
    ]);
    const flatTotal = voronoiLoss("voronoi-d1", firstLevel(fitted), firstLevel(bare)).total;
    expect(voronoiLoss("voronoi-d5", fitted, bare).total).toBeCloseTo(flatTotal, 10);
    const moved = shifted(firstLevel(fitted), 1, [2, 2]);
    expect(voronoiLoss("voronoi-d1", moved, firstLevel(bare)).total).toBeCloseTo(flatTotal, 10);
  });
});
