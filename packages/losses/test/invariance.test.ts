import { array, assert, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { voronoiLoss } from "../src/index.ts";
import { randomPair, reordered, shifted } from "./measures.ts";

const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(Math.abs(b), 1e-12);
const settings = { seed: 20250405, numRuns: 150 };
const number = (size: number) => double({ min: -size, max: size, noNaN: true });
const shape = { m: 2, k: 3, d: 2, q: 3 };

describe("voronoi-d1 of softmax measures", () => {
  it("does not see a common translation of the fitted gates", () => {
    assert(
      property(
        integer({ min: 0, max: 1e6 }),
        number(50),
        array(number(20), { minLength: 2, maxLength: 2 }),
        number(1),
        (key, t0, t1, radius) => {
          const { fitted, truth } = randomPair(key, { ...shape, radius });
          const plain = voronoiLoss("voronoi-d1", fitted, truth);
          const moved = voronoiLoss("voronoi-d1", shifted(fitted, t0, t1), truth);
          expect(relative(moved.total, plain.total)).toBeLessThan(1e-7);
          for (const [name, value] of Object.entries(plain.components))
            expect(Math.abs(moved.components[name] - value)).toBeLessThan(1e-5 * (1 + value));
          expect(moved.cellSizes).toEqual(plain.cellSizes);
        },
      ),
      settings,
    );
  });

  it("does not see the order of the fitted or of the true atoms", () => {
    assert(
      property(integer({ min: 0, max: 1e6 }), number(1), (key, radius) => {
        const { fitted, truth, random } = randomPair(key, { ...shape, radius });
        const plain = voronoiLoss("voronoi-d1", fitted, truth).total;
        expect(
          relative(voronoiLoss("voronoi-d1", reordered(fitted, random), truth).total, plain),
        ).toBeLessThan(1e-7);
        expect(
          relative(voronoiLoss("voronoi-d1", fitted, reordered(truth, random)).total, plain),
        ).toBeLessThan(1e-7);
      }),
      settings,
    );
  });

  it("is zero exactly on the truth, in any gauge and order, and with coincident copies", () => {
    assert(
      property(integer({ min: 0, max: 1e6 }), number(5), number(5), (key, t0, t1) => {
        const { truth, random } = randomPair(key, { ...shape, k: 2, radius: 0 });
        const copy = {
          ...truth.atoms[0],
          beta0: truth.atoms[0].beta0 - Math.LN2,
          mass: truth.atoms[0].mass / 2,
        };
        const split = { ...truth, atoms: [copy, truth.atoms[1], copy] };
        for (const measure of [truth, split]) {
          const loss = voronoiLoss("voronoi-d1", shifted(reordered(measure, random), t0, [t1, -t1]), truth);
          expect(loss.total).toBeLessThan(1e-12);
          expect(loss.cellSizes).toEqual([1, 1]);
        }
      }),
      settings,
    );
  });

  it("adds up from its parts, and the aligned measure has the reported masses", () => {
    assert(
      property(integer({ min: 0, max: 1e6 }), number(2), (key, radius) => {
        const { fitted, truth } = randomPair(key, { ...shape, radius });
        const { total, components: c, aligned, cells } = voronoiLoss("voronoi-d1", fitted, truth);
        expect(total).toBeCloseTo(c.mass + c.exact + c.over, 12);
        expect(c.exact).toBeCloseTo(c["exact-gate"] + c["exact-expert"], 12);
        expect(c.over).toBeCloseTo(c["over-gate"] + c["over-expert"], 12);
        const masses = truth.atoms.map((_, j) =>
          aligned.atoms.reduce((sum, atom, i) => sum + (cells[i] === j ? atom.mass : 0), 0),
        );
        expect(masses.reduce((sum, mass, j) => sum + Math.abs(mass - truth.atoms[j].mass), 0)).toBeCloseTo(
          c.mass,
          12,
        );
      }),
      settings,
    );
  });
});
