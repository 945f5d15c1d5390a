import { describe, expect, test } from "vitest";
import { BLOCK, type Kernels } from "../src/index.ts";
import { kernelSets } from "./kernel-sets.ts";

const odd = [0, -0, 1, -1, 5e-324, -3.5, 1e300, Infinity, -Infinity, NaN, 1 / 3, -1e-300, 0.1];
const columns = 12;
const lengths = [1, 2, 255, 256];

type Call = (kernels: Kernels, column: (index: number) => number, n: number) => void;

/** Columns of odd values, each in another order, so that rows hold many combinations; returns all memory after `call`. */
function run(create: (doubles: number) => Kernels, call: Call, n: number): Float64Array {
  const kernels = create((columns + 4) * BLOCK);
  const base = kernels.memory.allocate((columns + 4) * BLOCK);
  for (let c = 0; c < columns; c++)
    for (let i = 0; i < BLOCK; i++)
      kernels.memory.f64[base + c * BLOCK + i] = odd[(i * (c + 1) + Math.floor(i / 13) * (c * c + 1)) % 13];
  call(kernels, (index) => base + index * BLOCK, n);
  return kernels.memory.f64.slice(base, base + columns * BLOCK);
}

/** base - a b by single steps, over columns 12 to 14. */
const less: (...at: [base: number, a: number, b: number, out: number]) => Call =
  (base, a, b, out) => (k, c, n) => {
    if (base < 0) k.fill(c(13), 0, n);
    else k.scale(c(13), c(base), 1, n);
    k.multiply(c(14), c(a), c(b), n);
    k.subtract(c(out), c(13), c(14), n);
  };

const sum =
  (count: number, out: number): Call =>
  (k, c, n) => {
    k.multiply(c(out), c(0), c(5), n);
    for (let j = 1; j < count; j++) k.multiplyAdd(c(out), c(j), c(5 + j), n);
  };

/** In one pass, and the same by single steps. */
const pairs: Record<string, [Call, Call]> = {
  ...Object.fromEntries(
    [11, 0, 1, 2].map((out): [string, [Call, Call]] => [
      `multiplyDifference of columns 0, 1, 2 into column ${out}`,
      [
        (k, c, n) => k.multiplyDifference(c(out), c(0), c(1), c(2), n),
        (k, c, n) => {
          k.subtract(c(13), c(0), c(1), n);
          k.multiply(c(out), c(13), c(2), n);
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    [-1, 4].flatMap((base) =>
      [11, 0, 3, 4].flatMap((out): [string, [Call, Call]][] => {
        const name = `from ${base < 0 ? "0" : `column ${base}`} into column ${out}`;
        const at = (c: (index: number) => number) => (base < 0 ? -1 : c(base));
        return [
          [
            `subtractProduct ${name}`,
            [(k, c, n) => k.subtractProduct(c(out), at(c), c(0), c(1), n), less(base, 0, 1, out)],
          ],
          [
            `subtractProducts ${name}`,
            [
              (k, c, n) => k.subtractProducts(c(out), at(c), c(0), c(1), c(2), c(3), n),
              (k, c, n) => {
                less(base, 0, 1, 12)(k, c, n);
                less(12, 2, 3, out)(k, c, n);
              },
            ],
          ],
        ];
      }),
    ),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map((count): [string, [Call, Call]] => [
      `sumOfProducts of ${count}`,
      [(k, c, n) => k.sumOfProducts(c(11), c(0), c(5), BLOCK, count, n), sum(count, 11)],
    ]),
  ),
};

describe.each(kernelSets)("%s kernels of several steps", (_set, create) => {
  test.each(Object.keys(pairs))(
    "%s has the bits of the single steps, whatever the values, at every length",
    (name) => {
      const [once, steps] = pairs[name];
      for (const n of lengths) expect(run(create, once, n)).toEqual(run(create, steps, n));
    },
  );

  test("0 - a b is 0, not -0, where the product is 0, and 0 where it is -0", () => {
    const kernels = create(8 * BLOCK);
    const at = kernels.memory.allocate(3 * BLOCK);
    kernels.memory.f64.set([0, -0, 0], at);
    kernels.memory.f64.set([2, 2, -2], at + BLOCK);
    kernels.subtractProduct(at + 2 * BLOCK, -1, at, at + BLOCK, 3);
    expect(kernels.memory.f64.slice(at + 2 * BLOCK, at + 2 * BLOCK + 3)).toEqual(new Float64Array(3));
  });
});
