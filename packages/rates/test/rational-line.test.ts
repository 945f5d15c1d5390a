import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logLogLine, weightedLine } from "../src/index.ts";
import { quadraticTerm } from "../src/curvature.ts";

/** An exact rational number. */
interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** Every double is a rational number: mantissa times a power of two. */
function exactly(value: number): Rational {
  let [scaled, bottom] = [value, 1n];
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    bottom *= 2n;
  }
  return { top: BigInt(scaled), bottom };
}

const plus = (a: Rational, b: Rational): Rational => ({
  top: a.top * b.bottom + b.top * a.bottom,
  bottom: a.bottom * b.bottom,
});
const times = (a: Rational, b: Rational): Rational => ({ top: a.top * b.top, bottom: a.bottom * b.bottom });
const minus = (a: Rational, b: Rational): Rational => plus(a, { top: -b.top, bottom: b.bottom });
const over = (a: Rational, b: Rational): Rational => times(a, { top: b.bottom, bottom: b.top });
const zero: Rational = { top: 0n, bottom: 1n };

function toNumber({ top, bottom }: Rational): number {
  const sign = top < 0n !== bottom < 0n ? -1 : 1;
  const [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  if (a === 0n) return 0;
  const shift = BigInt(b.toString(2).length - a.toString(2).length + 64);
  const quotient = shift >= 0n ? (a << shift) / b : a / (b << -shift);
  return (sign * Number(quotient)) / 2 ** Number(shift);
}

/** Weighted least squares on the columns 1, x, ..., x^degree by exact elimination of the normal equations. */
function exactFit(
  x: readonly number[],
  y: readonly number[],
  weights: readonly number[],
  degree: number,
): number[] {
  const power = (value: Rational, exponent: number): Rational =>
    exponent === 0 ? { top: 1n, bottom: 1n } : times(value, power(value, exponent - 1));
  const [xs, ys, ws] = [x.map(exactly), y.map(exactly), weights.map(exactly)];
  const sum = (term: (i: number) => Rational): Rational =>
    x.reduce<Rational>((total, _, i) => plus(total, term(i)), zero);
  const rows = Array.from({ length: degree + 1 }, (_, r) => [
    ...Array.from({ length: degree + 1 }, (_, c) => sum((i) => times(ws[i], power(xs[i], r + c)))),
    sum((i) => times(ws[i], times(ys[i], power(xs[i], r)))),
  ]);
  for (let pivot = 0; pivot <= degree; pivot++) {
    for (let row = 0; row <= degree; row++) {
      if (row === pivot) continue;
      const factor = over(rows[row][pivot], rows[pivot][pivot]);
      rows[row] = rows[row].map((entry, c) => minus(entry, times(factor, rows[pivot][c])));
    }
  }
  return rows.map((row, r) => toNumber(over(row[degree + 1], row[r])));
}

/** Sizes that are badly spread: neighbours far from the origin, one far-off size, repeated magnitudes; counts as weights. */
const designs = fc
  .record({
    from: fc.constantFrom(1, 1e3, 1e6, 1e9),
    steps: fc.array(fc.constantFrom(1, 2, 7, 1000, 1e6), { minLength: 2, maxLength: 5 }),
  })
  .chain(({ from, steps }) => {
    const sizes: number[] = [from];
    for (const step of steps) sizes.push(sizes[sizes.length - 1] + step);
    return fc.record({
      x: fc.constant(sizes.map(Math.log)),
      y: fc.array(
        fc.double({ min: -30, max: 30, noNaN: true }).map((u) => Math.round(u * 2 ** 30) / 2 ** 30),
        { minLength: sizes.length, maxLength: sizes.length },
      ),
      weights: fc.array(fc.constantFrom(1, 3, 40, 999, 1_000_000), {
        minLength: sizes.length,
        maxLength: sizes.length,
      }),
    });
  })
  .filter(({ x }) => new Set(x).size === x.length);

/** Condition of the slope: how much one rounding of the heights, or of x, may move it. */
function slack({ x, y, weights }: { x: number[]; y: number[]; weights: number[] }): number {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const centre = x.reduce((sum, u, i) => sum + weights[i] * u, 0) / total;
  const sxx = x.reduce((sum, u, i) => sum + weights[i] * (u - centre) ** 2, 0);
  return (
    x.reduce((sum, u, i) => sum + weights[i] * Math.abs(u - centre) * Math.max(1, Math.abs(y[i])), 0) / sxx
  );
}

describe("the regression on ill-conditioned designs against exact rational arithmetic", () => {
  it("slope and intercept move by a few roundings of the heights at most", () => {
    fc.assert(
      fc.property(designs, (design) => {
        const [intercept, slope] = exactFit(design.x, design.y, design.weights, 1);
        const line = logLogLine(
          Float64Array.from(design.x),
          Float64Array.from(design.y),
          Float64Array.from(design.weights),
        )!;
        const other = weightedLine(
          design.x.map((x, i) => ({ x, y: design.y[i], weight: design.weights[i] })),
        )!;
        const centre = Math.max(...design.x, 1);
        for (const { slope: ours, intercept: height } of [line, other]) {
          expect(Math.abs(ours - slope)).toBeLessThanOrEqual(16 * Number.EPSILON * slack(design) * centre);
          expect(Math.abs(height - intercept)).toBeLessThanOrEqual(
            16 * Number.EPSILON * slack(design) * centre ** 2 + 1e-13,
          );
        }
      }),
      { seed: 41, numRuns: 400 },
    );
  });

  it("thirteen log-spaced sizes up to 1e6 lose no more than the last digits", () => {
    const x = Array.from({ length: 13 }, (_, i) => Math.log(Math.round(1000 * 10 ** (i / 4))));
    const y = x.map((u, i) => -0.5 * u + ((i * 7919) % 13) / 1024);
    const weights = x.map((_, i) => 40 - i);
    const [intercept, slope] = exactFit(x, y, weights, 1);
    const line = logLogLine(Float64Array.from(x), Float64Array.from(y), Float64Array.from(weights))!;
    expect(Math.abs(line.slope / slope - 1)).toBeLessThan(1e-14);
    expect(Math.abs(line.intercept - intercept)).toBeLessThan(1e-13);
    const [, , square] = exactFit(x, y, weights, 2);
    const ours = quadraticTerm(Float64Array.from(x), Float64Array.from(y), Float64Array.from(weights))!;
    expect(Math.abs(ours / square - 1)).toBeLessThan(1e-11);
  });
});
