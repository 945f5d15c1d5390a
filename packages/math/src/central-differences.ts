/** Step of a central difference at x: cbrt(eps) * max(1, |x|), which balances the truncation error against rounding. */
export function differenceStep(x: number): number {
  return CBRT_EPSILON * Math.max(1, Math.abs(x));
}

const CBRT_EPSILON = Math.cbrt(Number.EPSILON);

/** Derivative of a scalar function at x: (f(x + h) - f(x - h)) / (2 h), h = `differenceStep(x)`; relative error about 1e-10 for a smooth f. */
export function derivativeByDifferences(f: (x: number) => number, x: number): number {
  const h = differenceStep(x);
  const upper = x + h;
  const lower = x - h;
  return (f(upper) - f(lower)) / (upper - lower);
}

/** Gradient of f at x (length p) by central differences; `x` is changed during the calls and restored. */
export function gradientByDifferences(f: (x: Float64Array) => number, x: Float64Array): Float64Array {
  return jacobianByDifferences((at) => [f(at)], x);
}

/**
 * Jacobian of a vector function at x (length p) by central differences: m x p row-major, entry (i, j) = d f_i / d x_j at `i * p + j`.
 * `x` is changed during the calls and restored; f may return the same array every time.
 */
export function jacobianByDifferences(
  f: (x: Float64Array) => ArrayLike<number>,
  x: Float64Array,
): Float64Array {
  const p = x.length;
  const m = f(x).length;
  const jacobian = new Float64Array(m * p);
  for (let j = 0; j < p; j++) {
    const centre = x[j];
    const h = differenceStep(centre);
    x[j] = centre + h;
    const width = x[j] - (centre - h);
    const upper = Float64Array.from(f(x));
    x[j] = centre - h;
    const lower = f(x);
    for (let i = 0; i < m; i++) jacobian[i * p + j] = (upper[i] - lower[i]) / width;
    x[j] = centre;
  }
  return jacobian;
}
