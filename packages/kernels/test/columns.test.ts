import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { BLOCK, referenceKernels, simdKernels, type Activation, type Kernels } from "../src/index.ts";
import { kernelSets } from "./kernel-sets.ts";
import { ulpOf } from "./ulps.ts";

const lengths = [1, 2, 3, 4, 5, 7, 8, 255, 256];
const stride = BLOCK + 6;
const inputs = 12;

type Call = (kernels: Kernels, column: (index: number) => number, n: number) => void;

/** Runs `call` over the same random columns in a fresh memory; returns all of it. Columns lie `stride` apart. */
function run(create: (doubles: number) => Kernels, call: Call, n: number): Float64Array {
  const kernels = create(40 * stride);
  const base = kernels.memory.allocate(30 * stride);
  const random = stream("columns", n);
  for (let i = 0; i < inputs * stride; i++) kernels.memory.f64[base + i] = 3 * random.normal();
  call(kernels, (index) => base + index * stride, n);
  return kernels.memory.f64.slice(base, base + 30 * stride);
}

const exact: Record<string, Call> = {
  fill: (k, c, n) => k.fill(c(20), 1.25, n),
  multiply: (k, c, n) => k.multiply(c(20), c(0), c(1), n),
  "multiply in place": (k, c, n) => k.multiply(c(0), c(0), c(1), n),
  multiplyAdd: (k, c, n) => k.multiplyAdd(c(2), c(0), c(1), n),
  multiplyDifference: (k, c, n) => k.multiplyDifference(c(20), c(0), c(1), c(2), n),
  subtractProduct: (k, c, n) => k.subtractProduct(c(20), c(2), c(0), c(1), n),
  subtractProducts: (k, c, n) => k.subtractProducts(c(20), c(4), c(0), c(1), c(2), c(3), n),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((count): [string, Call] => [
      `sumOfProducts of ${count}`,
      (k, c, n) => k.sumOfProducts(c(20), c(0), c(6), stride, count, n),
    ]),
  ),
  subtract: (k, c, n) => k.subtract(c(20), c(0), c(1), n),
  scale: (k, c, n) => k.scale(c(20), c(0), -0.3, n),
  ...Object.fromEntries(
    Array.from({ length: 11 }, (_, i): [string, Call] => [
      `affine over ${i + 1} columns`,
      (k, c, n) => k.affine(c(20), c(0), stride, i + 1, c(11) + 3, n),
    ]),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 7].map((degree): [string, Call] => [
      `power ${degree}`,
      (k, c, n) => k.power(degree, c(0), n, 2, c(20), c(21), c(22)),
    ]),
  ),
  relu: (k, c, n) => k.activation("relu", c(0), n, 2, c(20), c(21), c(22)),
};

const close: Record<string, Call> = {
  exp: (k, c, n) => k.exp(c(20), c(0), n),
  "exp in place": (k, c, n) => k.exp(c(0), c(0), n),
  "softmax of 1": (k, c, n) => k.softmax(c(20), c(0), stride, 1, n),
  "softmax of 2": (k, c, n) => k.softmax(c(20), c(0), stride, 2, n),
  "softmax of 5": (k, c, n) => k.softmax(c(20), c(0), stride, 5, n),
  "softmax in place": (k, c, n) => k.softmax(c(0), c(0), stride, 4, n),
  ...Object.fromEntries(
    (["tanh", "logistic", "gelu"] as const).flatMap((kind: Activation) =>
      ([0, 1, 2] as const).map((order): [string, Call] => [
        `${kind} of order ${order}`,
        (k, c, n) => k.activation(kind, c(0), n, order, c(20), c(21), c(22)),
      ]),
    ),
  ),
};

describe("SIMD columns against the reference", () => {
  test.each(Object.keys(exact))("%s has the same bits at every length and writes nothing else", (name) => {
    for (const n of lengths)
      expect(run(simdKernels, exact[name], n)).toEqual(run(referenceKernels, exact[name], n));
  });

  test.each(Object.keys(close))(
    "%s agrees to 8 ulps or 4e-16 at every length and writes nothing else",
    (name) => {
      for (const n of lengths) {
        const expected = run(referenceKernels, close[name], n);
        run(simdKernels, close[name], n).forEach((value, i) => {
          const error = Math.abs(value - expected[i]);
          if (error > 4e-16) expect(error, `${i}`).toBeLessThanOrEqual(8 * ulpOf(expected[i]));
        });
      }
    },
  );

  test("weightedSquares agrees to 2 ulps and leaves rows of weight 0 out", () => {
    for (const n of lengths) {
      const results = [referenceKernels, simdKernels].map((create) => {
        const kernels = create(3 * BLOCK);
        const at = kernels.memory.allocate(2 * BLOCK);
        const random = stream("squares", n);
        for (let i = 0; i < n; i++) {
          kernels.memory.f64[at + i] = i % 5 === 3 ? Infinity : random.normal() * 10 ** random.integer(6);
          kernels.memory.f64[at + BLOCK + i] = i % 5 === 3 ? 0 : 1 + random.integer(3);
        }
        return kernels.weightedSquares(at, at + BLOCK, n);
      });
      expect(Math.abs(results[0] - results[1])).toBeLessThanOrEqual(2 * ulpOf(results[0]));
    }
  });
});

describe.each(kernelSets)("%s kernels", (_set, create) => {
  test("an element's value does not depend on its place in the column or on its neighbours", () => {
    const kernels = create(8 * BLOCK);
    const at = kernels.memory.allocate(4 * BLOCK);
    const { f64 } = kernels.memory;
    const random = stream("places");
    for (const x of [0.3, -5.5, -700, 12.25]) {
      const seen = new Set<number>();
      for (let place = 0; place < 9; place++) {
        for (let i = 0; i < 9; i++)
          f64[at + i] = i === place ? x : [random.normal(), -1000, NaN, 720][random.integer(4)];
        kernels.exp(at + BLOCK, at, 9);
        kernels.activation("gelu", at, 9, 0, at + 2 * BLOCK, -1, -1);
        seen.add(f64[at + BLOCK + place] + f64[at + 2 * BLOCK + place]);
      }
      expect(seen.size).toBe(1);
    }
  });

  test("softmax of two columns has the same bits apart as in place, whatever the scores", () => {
    const kernels = create(8 * BLOCK);
    const at = kernels.memory.allocate(6 * BLOCK);
    const { f64 } = kernels.memory;
    const random = stream("two columns");
    const odd = [0, -0, 700, -700, 709, -1200, 1e300, Infinity, -Infinity, NaN];
    const rows: [number, number][] = Array.from({ length: 200 }, () => [
      4 * random.normal(),
      4 * random.normal(),
    ]);
    for (const some of [
      rows,
      [...rows, [3, 3], [700, 0], [0, 700]],
      odd.flatMap((a) => odd.map((b) => [a, b])),
    ])
      for (const n of [some.length, some.length - 1]) {
        const scores = some.slice(0, n) as [number, number][];
        scores.forEach((row, i) => row.forEach((score, j) => (f64[at + j * BLOCK + i] = score)));
        kernels.softmax(at + 2 * BLOCK, at, BLOCK, 2, n);
        kernels.softmax(at, at, BLOCK, 2, n);
        for (const j of [0, 1])
          expect(f64.slice(at + (2 + j) * BLOCK, at + (2 + j) * BLOCK + n)).toEqual(
            f64.slice(at + j * BLOCK, at + j * BLOCK + n),
          );
      }
  });

  test("softmax sums to 1, survives huge scores, underflows gradually and turns NaN only where a score is", () => {
    const kernels = create(8 * BLOCK);
    const at = kernels.memory.allocate(6 * BLOCK);
    const { f64 } = kernels.memory;
    const rows = [
      [1e300, 1e300, -1e300],
      [0, -740, -2000],
      [1, NaN, 2],
      [-800, -801, -Infinity],
      [3, 3, 3],
    ];
    rows.forEach((row, i) => row.forEach((score, j) => (f64[at + j * BLOCK + i] = score)));
    kernels.softmax(at + 3 * BLOCK, at, BLOCK, 3, rows.length);
    const p = rows.map((row, i) => row.map((_, j) => f64[at + (3 + j) * BLOCK + i]));
    expect(p[0]).toEqual([0.5, 0.5, 0]);
    expect(p[1][1]).toBeGreaterThan(0);
    expect(p[1][1]).toBeLessThan(2 ** -1022);
    expect(p[1][2]).toBe(0);
    expect(p[2].every(Number.isNaN)).toBe(true);
    expect(p[3][2]).toBe(0);
    for (const i of [0, 1, 3, 4]) expect(p[i][0] + p[i][1] + p[i][2]).toBeCloseTo(1, 15);
  });
});
