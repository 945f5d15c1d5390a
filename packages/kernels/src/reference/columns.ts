/** Plain-TypeScript column arithmetic, the reference of the SIMD kernels. */

export function affine(
  f64: Float64Array,
  out: number,
  columns: number,
  stride: number,
  terms: number,
  coefficients: number,
  n: number,
): void {
  const first = f64[coefficients];
  for (let i = 0; i < n; i++) f64[out + i] = first * f64[columns + i];
  for (let t = 1; t < terms; t++) {
    const c = f64[coefficients + t];
    const column = columns + t * stride;
    for (let i = 0; i < n; i++) f64[out + i] += c * f64[column + i];
  }
}

export function multiply(f64: Float64Array, out: number, a: number, b: number, n: number): void {
  for (let i = 0; i < n; i++) f64[out + i] = f64[a + i] * f64[b + i];
}

export function multiplyAdd(f64: Float64Array, out: number, a: number, b: number, n: number): void {
  for (let i = 0; i < n; i++) f64[out + i] += f64[a + i] * f64[b + i];
}

export function subtract(f64: Float64Array, out: number, a: number, b: number, n: number): void {
  for (let i = 0; i < n; i++) f64[out + i] = f64[a + i] - f64[b + i];
}

export function multiplyDifference(
  f64: Float64Array,
  out: number,
  a: number,
  b: number,
  c: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) f64[out + i] = (f64[a + i] - f64[b + i]) * f64[c + i];
}

export function subtractProduct(
  f64: Float64Array,
  out: number,
  base: number,
  a: number,
  b: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) f64[out + i] = (base < 0 ? 0 : f64[base + i]) - f64[a + i] * f64[b + i];
}

export function subtractProducts(
  f64: Float64Array,
  out: number,
  base: number,
  a: number,
  b: number,
  c: number,
  d: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    const from = base < 0 ? 0 : f64[base + i];
    f64[out + i] = from - f64[a + i] * f64[b + i] - f64[c + i] * f64[d + i];
  }
}

export function sumOfProducts(
  f64: Float64Array,
  out: number,
  a: number,
  b: number,
  stride: number,
  count: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    let sum = f64[a + i] * f64[b + i];
    for (let j = 1; j < count; j++) sum += f64[a + j * stride + i] * f64[b + j * stride + i];
    f64[out + i] = sum;
  }
}

export function scale(f64: Float64Array, out: number, a: number, factor: number, n: number): void {
  for (let i = 0; i < n; i++) f64[out + i] = factor * f64[a + i];
}

export function exp(f64: Float64Array, out: number, a: number, n: number): void {
  for (let i = 0; i < n; i++) f64[out + i] = Math.exp(f64[a + i]);
}

/** Neumaier sum of weight_i e_i^2, rows of weight 0 left out whatever they hold. */
export function weightedSquares(f64: Float64Array, e: number, weight: number, n: number): number {
  let sum = 0;
  let correction = 0;
  for (let i = 0; i < n; i++) {
    const w = f64[weight + i];
    if (w === 0) continue;
    const term = w * f64[e + i] * f64[e + i];
    const next = sum + term;
    correction += Math.abs(sum) >= term ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + correction;
}

/** Row-wise softmax over k columns, stable at any finite score. */
export function softmax(f64: Float64Array, p: number, s: number, stride: number, k: number, n: number): void {
  for (let i = 0; i < n; i++) {
    let top = f64[s + i];
    for (let j = 1; j < k; j++) top = Math.max(top, f64[s + j * stride + i]);
    let total = 0;
    for (let j = 0; j < k; j++) {
      const value = Math.exp(f64[s + j * stride + i] - top);
      f64[p + j * stride + i] = value;
      total += value;
    }
    const inverse = 1 / total;
    for (let j = 0; j < k; j++) f64[p + j * stride + i] *= inverse;
  }
}
