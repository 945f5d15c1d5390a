import { stream } from "@moe-rates/math";
import { describe, expect, it } from "vitest";
import { voronoiLoss, wasserstein } from "../src/index.ts";
import { transportPlan } from "../src/transport-plan.ts";
import { randomPair, shifted, sigmoidMeasure, softmaxMeasure } from "./measures.ts";

function orders(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) =>
    orders([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

describe("transportPlan", () => {
  it("of equal masses is the best assignment, as all orders show", () => {
    for (let key = 0; key < 30; key++) {
      const random = stream("assignment", key);
      const count = 1 + (key % 6);
      const costs = Float64Array.from({ length: count * count }, () => random.uniform() ** 3);
      const one = new Float64Array(count).fill(1);
      const least = Math.min(
        ...orders(Array.from({ length: count }, (_, i) => i)).map((order) =>
          order.reduce((sum, j, i) => sum + costs[i * count + j], 0),
        ),
      );
      expect(transportPlan(costs, one, one).cost).toBeCloseTo(least, 12);
    }
  });

  it("on a line is the distance of the distribution functions", () => {
    for (let key = 0; key < 30; key++) {
      const random = stream("line", key);
      const [k, m] = [1 + (key % 7), 1 + ((3 * key) % 5)];
      const places = (count: number) => Array.from({ length: count }, () => 4 * random.normal());
      const masses = (count: number) => {
        const raw = Float64Array.from({ length: count }, () => random.uniform());
        const sum = raw.reduce((a, b) => a + b, 0);
        return raw.map((value) => value / sum);
      };
      const [x, y, p, q] = [places(k), places(m), masses(k), masses(m)];
      const costs = Float64Array.from({ length: k * m }, (_, at) =>
        Math.abs(x[Math.floor(at / m)] - y[at % m]),
      );
      const points = [...x, ...y].sort((a, b) => a - b);
      const below = (places: number[], weights: Float64Array, at: number) =>
        places.reduce((sum, place, i) => (place <= at ? sum + weights[i] : sum), 0);
      const area = points
        .slice(1)
        .reduce(
          (sum, to, i) => sum + (to - points[i]) * Math.abs(below(x, p, points[i]) - below(y, q, points[i])),
          0,
        );
      const { plan, cost } = transportPlan(costs, p, q);
      expect(cost).toBeCloseTo(area, 10);
      for (let i = 0; i < k; i++)
        expect(plan.subarray(i * m, (i + 1) * m).reduce((a, b) => a + b, 0)).toBeCloseTo(p[i], 12);
    }
  });
});

describe("wasserstein", () => {
  it("of two atoms moved apart in a split is their distance, where D1 counts its square", () => {
    const half = -Math.LN2;
    const truth = softmaxMeasure([
      [0, [2, 0], [1, 1]],
      [0, [0, 0], [-1, 1]],
      [0, [0, 3], [0, -2]],
    ]);
    const fitted = softmaxMeasure([
      [half, [2, 0], [1, 1.1]],
      [half, [2, 0], [1, 0.9]],
      [0, [0, 0], [-1, 1]],
      [0, [0, 3], [0, -2]],
    ]);
    expect(wasserstein(1, fitted, truth).total).toBeCloseTo(0.1 / 3, 10);
    expect(wasserstein(2, fitted, truth).total).toBeCloseTo(0.1 / Math.sqrt(3), 10);
    expect(voronoiLoss("voronoi-d1", fitted, truth).total).toBeCloseTo(0.01, 10);
  });

  it("does not see a common translation of the gates or a common factor of the masses", () => {
    for (let key = 0; key < 20; key++) {
      const { fitted, truth } = randomPair(key, { m: 3, k: 4, d: 2, q: 2, radius: [0.02, 0.3, 1][key % 3] });
      for (const order of [1, 2, 3]) {
        const plain = wasserstein(order, fitted, truth).total;
        expect(wasserstein(order, shifted(fitted, 3, [-4, 9]), truth).total / plain).toBeCloseTo(1, 6);
      }
      expect(wasserstein(2, shifted(truth, -1, [5, 5]), truth).total).toBeLessThan(1e-6);
    }
  });

  it("is at most 1.01 times a random search over the translation", () => {
    for (let key = 0; key < 12; key++) {
      const { fitted, truth, random } = randomPair(key, {
        m: 2,
        k: 3,
        d: 2,
        q: 2,
        radius: [0.05, 0.4, 1.5][key % 3],
      });
      const order = [1, 1.5, 2, 4][key % 4];
      const masses = [fitted, truth].map(({ atoms }) => {
        const total = atoms.reduce((sum, { mass }) => sum + mass, 0);
        return Float64Array.from(atoms, ({ mass }) => mass / total);
      });
      const at = (t1: number[]) => {
        const costs = fitted.atoms.flatMap((a) =>
          truth.atoms.map(
            (b) =>
              Math.hypot(
                ...Array.from(a.beta1, (v, u) => v + t1[u] - b.beta1[u]),
                ...Array.from(a.eta, (v, s) => v - b.eta[s]),
              ) ** order,
          ),
        );
        return transportPlan(Float64Array.from(costs), masses[0], masses[1]).cost ** (1 / order);
      };
      let brute = Infinity;
      for (const a of fitted.atoms) {
        for (const b of truth.atoms) {
          let centre = Array.from(b.beta1, (v, u) => v - a.beta1[u]);
          let loss = at(centre);
          for (let radius = 2; radius > 1e-3; radius /= 2) {
            for (let draw = 0; draw < 15; draw++) {
              const t1 = centre.map((value) => value + radius * random.normal());
              const next = at(t1);
              if (next < loss) [centre, loss] = [t1, next];
            }
          }
          brute = Math.min(brute, loss);
        }
      }
      expect(wasserstein(order, fitted, truth).total).toBeLessThanOrEqual(1.01 * brute);
    }
  });

  it("of sigmoid measures adds the difference of the total masses", () => {
    const truth = sigmoidMeasure([[0, [0], [1]]]);
    const { total, components } = wasserstein(
      1,
      sigmoidMeasure([
        [0, [0], [1.5]],
        [0, [0], [1]],
      ]),
      truth,
    );
    expect(components).toEqual({ transport: expect.closeTo(0.25, 12), mass: expect.closeTo(0.5, 12) });
    expect(total).toBeCloseTo(0.75, 12);
  });

  it("compares dense-to-sparse gates in their softmax form", () => {
    const measure = softmaxMeasure([
      [0, [1, 2], [1]],
      [0.5, [0, 0], [2]],
    ]);
    const doubled = {
      ...measure,
      temperature: 2,
      atoms: measure.atoms.map((atom) => ({
        ...atom,
        beta0: 2 * atom.beta0,
        beta1: atom.beta1.map((v) => 2 * v),
      })),
    };
    expect(wasserstein(2, doubled, measure).total).toBeLessThan(1e-9);
  });
});
