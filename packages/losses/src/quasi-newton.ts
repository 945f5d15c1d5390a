/** Value at z; writes the gradient to `gradient`. */
export type DifferentiableFunction = (z: Float64Array, gradient: Float64Array) => number;

const ARMIJO = 1e-4;
const WOLFE = 0.5;

/**
 * Local minimiser by BFGS with a line search for the weak Wolfe conditions by bisection and doubling, which also copes with functions that bend sharply
 * (Lewis and Overton, Mathematical Programming 141, 2013). Stops when a step lowers the function by no more than a relative 1e-10, or after `limit` steps.
 */
export function quasiNewton(f: DifferentiableFunction, start: Float64Array, limit: number): Float64Array {
  const size = start.length;
  let z = Float64Array.from(start);
  let gradient = new Float64Array(size);
  let value = f(z, gradient);
  let inverse = identity(size, 1 / Math.max(1, norm(gradient)));
  let fresh = true;
  for (let step = 0; step < limit; step++) {
    const direction = times(inverse, gradient).map((entry) => -entry);
    const slope = dot(direction, gradient);
    const found = slope < 0 ? lineSearch(f, z, value, slope, direction) : undefined;
    if (found === undefined) {
      if (fresh) break;
      inverse = identity(size, 1 / Math.max(1, norm(gradient)));
      fresh = true;
      continue;
    }
    const gain = value - found.value;
    updateInverse(
      inverse,
      found.z.map((entry, u) => entry - z[u]),
      found.gradient.map((entry, u) => entry - gradient[u]),
    );
    fresh = false;
    ({ z, gradient, value } = found);
    if (gain <= 1e-10 * Math.abs(value)) break;
  }
  return z;
}

interface Point {
  readonly z: Float64Array<ArrayBuffer>;
  readonly gradient: Float64Array<ArrayBuffer>;
  readonly value: number;
}

function lineSearch(
  f: DifferentiableFunction,
  z: Float64Array,
  value: number,
  slope: number,
  direction: Float64Array,
): Point | undefined {
  let low = 0;
  let high = Infinity;
  let length = 1;
  let best: Point | undefined;
  for (let trial = 0; trial < 50; trial++) {
    const next = Float64Array.from(z, (entry, u) => entry + length * direction[u]);
    const gradient = new Float64Array(z.length);
    const nextValue = f(next, gradient);
    if (!(nextValue < value + ARMIJO * length * slope)) high = length;
    else {
      best = { z: next, gradient, value: nextValue };
      if (dot(gradient, direction) >= WOLFE * slope) return best;
      low = length;
    }
    length = high < Infinity ? 0.5 * (low + high) : 2 * length;
  }
  return best;
}

/** BFGS update of the inverse Hessian, row-major, by the step s and the change of gradient y; skipped where s . y is not positive. */
function updateInverse(inverse: Float64Array, s: Float64Array, y: Float64Array): void {
  const size = s.length;
  const curvature = dot(s, y);
  if (!(curvature > 1e-300)) return;
  const hy = times(inverse, y);
  const factor = (1 + dot(y, hy) / curvature) / curvature;
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++)
      inverse[a * size + b] += factor * s[a] * s[b] - (hy[a] * s[b] + s[a] * hy[b]) / curvature;
  }
}

function identity(size: number, scale: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let a = 0; a < size; a++) matrix[a * size + a] = scale;
  return matrix;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  return vector.map((_, a) => dot(matrix.subarray(a * vector.length, (a + 1) * vector.length), vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let u = 0; u < a.length; u++) sum += a[u] * b[u];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}
