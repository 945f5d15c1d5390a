import { describe, expect, it } from "vitest";
import { stream, symmetricEigen } from "../src/index.ts";
import { fixture } from "./ulps.ts";

describe("symmetricEigen", () => {
  it.each(fixture("symmetric-eigen") as { p: number; matrix: number[]; values: number[] }[])(
    "gives the 50-digit eigenvalues of a $p x $p matrix within 1e-14 of its norm, ascending",
    ({ p, matrix, values }) => {
      const found = symmetricEigen(Float64Array.from(matrix), p).values;
      const norm = Math.max(...values.map(Math.abs));
      for (let i = 0; i < p; i++) expect(Math.abs(found[i] - values[i]) / norm).toBeLessThan(1e-14);
      expect(Array.from(found)).toEqual(Array.from(found).sort((a, b) => a - b));
    },
  );

  it("rebuilds the matrix from orthonormal column vectors", () => {
    const p = 20;
    const matrix = new Float64Array(p * p);
    const random = stream("symmetric");
    for (let i = 0; i < p; i++)
      for (let j = 0; j <= i; j++) matrix[i * p + j] = matrix[j * p + i] = random.normal();
    const { values, vectors } = symmetricEigen(matrix, p);
    for (let a = 0; a < p; a++) {
      for (let b = 0; b < p; b++) {
        let rebuilt = 0;
        let inner = 0;
        for (let k = 0; k < p; k++) {
          rebuilt += vectors[a * p + k] * values[k] * vectors[b * p + k];
          inner += vectors[k * p + a] * vectors[k * p + b];
        }
        expect(rebuilt).toBeCloseTo(matrix[a * p + b], 12);
        expect(inner).toBeCloseTo(a === b ? 1 : 0, 12);
      }
    }
  });

  it("handles 0 x 0, zero and diagonal matrices", () => {
    expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
    expect(Array.from(symmetricEigen(new Float64Array(9), 3).values)).toEqual([0, 0, 0]);
    expect(Array.from(symmetricEigen(Float64Array.of(3, 0, 0, -1e-12), 2).values)).toEqual([-1e-12, 3]);
  });

  it("answers NaN for a matrix that is not finite, and does not hang", () => {
    expect(symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2).values[0]).toBeNaN();
  });

  it("refuses a length that is not p squared", () => {
    expect(() => symmetricEigen(new Float64Array(3), 2)).toThrow("3 entries are not a 2 x 2 matrix");
  });
});
