import { haltonPoint, normalQuantile } from "@moe-rates/math";

/** Law of the inputs x, as in study files; `file` and the like of covariates are left to the reader of the file. */
export type InputLaw =
  | { readonly law: "uniform"; readonly low: number; readonly high: number; readonly dim: number }
  | { readonly law: "normal"; readonly mean?: number; readonly sd?: number; readonly dim: number }
  | { readonly law: "sphere"; readonly radius?: number; readonly dim: number };

/** Sample of inputs: x_iu at `points[u * count + i]` (column-major, count x d). */
export interface TestPoints {
  readonly points: Float64Array;
  readonly count: number;
}

/**
 * Fixed test sample of an input law: `count` low-discrepancy points, the same for every fit, so that the loss of two fits differs by the fits alone.
 *
 * Uniform: scrambled Halton points scaled to [low, high]^dim. Normal: their componentwise quantiles, N(mean, sd^2). Sphere: normal points divided
 * by their norm, times radius (default 1). For covariates the test sample is the rows themselves: pass them to `regressionL2` directly.
 */
export function testPoints(input: InputLaw, count: number): TestPoints {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`testPoints: a sample of ${count} points; use a positive integer`);
  const { dim } = input;
  const points = new Float64Array(count * dim);
  const point = new Float64Array(dim);
  for (let i = 0; i < count; i++) {
    haltonPoint(i, dim, point);
    place(input, point);
    for (let u = 0; u < dim; u++) points[u * count + i] = point[u];
  }
  return { points, count };
}

/** Carries a point of the unit cube over to the law, in place. */
function place(input: InputLaw, point: Float64Array): void {
  if (input.law === "uniform") {
    for (let u = 0; u < point.length; u++) point[u] = input.low + (input.high - input.low) * point[u];
    return;
  }
  for (let u = 0; u < point.length; u++) point[u] = normalQuantile(point[u]);
  if (input.law === "normal") {
    const { mean = 0, sd = 1 } = input;
    for (let u = 0; u < point.length; u++) point[u] = mean + sd * point[u];
    return;
  }
  const scale = (input.radius ?? 1) / Math.hypot(...point);
  for (let u = 0; u < point.length; u++) point[u] *= scale;
}
