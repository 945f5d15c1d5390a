/** Column arithmetic, two vectors a turn. Addresses are indices of doubles; what is left of a column is done one by one. */

export function fill(out: usize, value: f64, n: i32): void {
  out <<= 3;
  const v = f64x2.splat(value);
  const end = out + (<usize>n << 3);
  for (; out + 24 < end; out += 32) {
    v128.store(out, v);
    v128.store(out, v, 16);
  }
  for (; out < end; out += 8) store<f64>(out, value);
}

export function multiply(out: usize, a: usize, b: usize, n: i32): void {
  out <<= 3;
  a <<= 3;
  b <<= 3;
  const end = out + (<usize>n << 3);
  for (; out + 24 < end; out += 32, a += 32, b += 32) {
    v128.store(out, f64x2.mul(v128.load(a), v128.load(b)));
    v128.store(out, f64x2.mul(v128.load(a, 16), v128.load(b, 16)), 16);
  }
  for (; out < end; out += 8, a += 8, b += 8) store<f64>(out, load<f64>(a) * load<f64>(b));
}

export function multiplyAdd(out: usize, a: usize, b: usize, n: i32): void {
  out <<= 3;
  a <<= 3;
  b <<= 3;
  const end = out + (<usize>n << 3);
  for (; out + 24 < end; out += 32, a += 32, b += 32) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.mul(v128.load(a), v128.load(b))));
    v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(v128.load(a, 16), v128.load(b, 16))), 16);
  }
  for (; out < end; out += 8, a += 8, b += 8) store<f64>(out, load<f64>(out) + load<f64>(a) * load<f64>(b));
}

export function subtract(out: usize, a: usize, b: usize, n: i32): void {
  out <<= 3;
  a <<= 3;
  b <<= 3;
  const end = out + (<usize>n << 3);
  for (; out + 24 < end; out += 32, a += 32, b += 32) {
    v128.store(out, f64x2.sub(v128.load(a), v128.load(b)));
    v128.store(out, f64x2.sub(v128.load(a, 16), v128.load(b, 16)), 16);
  }
  for (; out < end; out += 8, a += 8, b += 8) store<f64>(out, load<f64>(a) - load<f64>(b));
}

export function scale(out: usize, a: usize, factor: f64, n: i32): void {
  out <<= 3;
  a <<= 3;
  const f = f64x2.splat(factor);
  const end = out + (<usize>n << 3);
  for (; out + 24 < end; out += 32, a += 32) {
    v128.store(out, f64x2.mul(f, v128.load(a)));
    v128.store(out, f64x2.mul(f, v128.load(a, 16)), 16);
  }
  for (; out < end; out += 8, a += 8) store<f64>(out, factor * load<f64>(a));
}

/** Sum of weight e^2 in two lanes of two accumulators, each with the exact error of every addition (TwoSum, Knuth). */
export function weightedSquares(e: usize, weight: usize, n: i32): f64 {
  e <<= 3;
  weight <<= 3;
  const zero = f64x2.splat(0);
  let s0 = zero;
  let c0 = zero;
  let s1 = zero;
  let c1 = zero;
  let i = 0;
  for (; i + 4 <= n; i += 4, e += 32, weight += 32) {
    const t0 = weightedSquare(v128.load(e), v128.load(weight));
    const next0 = f64x2.add(s0, t0);
    const back0 = f64x2.sub(next0, s0);
    c0 = f64x2.add(c0, f64x2.add(f64x2.sub(s0, f64x2.sub(next0, back0)), f64x2.sub(t0, back0)));
    s0 = next0;
    const t1 = weightedSquare(v128.load(e, 16), v128.load(weight, 16));
    const next1 = f64x2.add(s1, t1);
    const back1 = f64x2.sub(next1, s1);
    c1 = f64x2.add(c1, f64x2.add(f64x2.sub(s1, f64x2.sub(next1, back1)), f64x2.sub(t1, back1)));
    s1 = next1;
  }
  let sum: f64 = f64x2.extract_lane(s0, 0);
  let correction: f64 = f64x2.extract_lane(f64x2.add(c0, c1), 0) + f64x2.extract_lane(f64x2.add(c0, c1), 1);
  let term: f64 = f64x2.extract_lane(s0, 1);
  let next = sum + term;
  correction += twoSumError(sum, term, next);
  sum = next;
  term = f64x2.extract_lane(s1, 0);
  next = sum + term;
  correction += twoSumError(sum, term, next);
  sum = next;
  term = f64x2.extract_lane(s1, 1);
  next = sum + term;
  correction += twoSumError(sum, term, next);
  sum = next;
  for (; i < n; i++, e += 8, weight += 8) {
    const w = load<f64>(weight);
    term = w == 0 ? 0 : w * load<f64>(e) * load<f64>(e);
    next = sum + term;
    correction += twoSumError(sum, term, next);
    sum = next;
  }
  return sum + correction;
}

// @ts-ignore: decorator
@inline
function weightedSquare(e: v128, weight: v128): v128 {
  return v128.and(f64x2.mul(f64x2.mul(weight, e), e), f64x2.ne(weight, f64x2.splat(0)));
}

// @ts-ignore: decorator
@inline
function twoSumError(a: f64, b: f64, sum: f64): f64 {
  const back = sum - a;
  return a - (sum - back) + (b - back);
}

/** out = sum_t coefficients_t column_t, left to right, at most four columns in one pass over `out`. */
export function affine(out: usize, columns: usize, stride: i32, terms: i32, coefficients: usize, n: i32): void {
  out <<= 3;
  columns <<= 3;
  coefficients <<= 3;
  const step = <usize>stride << 3;
  let left = terms;
  let first = true;
  while (left > 0) {
    if (left >= 5 && first) {
      pass5(out, columns, step, coefficients, n);
      left -= 5;
      columns += 5 * step;
      coefficients += 40;
    } else if (left >= 3) {
      pass3(out, columns, step, coefficients, n, first);
      left -= 3;
      columns += 3 * step;
      coefficients += 24;
    } else if (left == 2) {
      pass2(out, columns, step, coefficients, n, first);
      left = 0;
    } else {
      pass1(out, columns, coefficients, n, first);
      left -= 1;
    }
    first = false;
  }
}

function pass5(out: usize, x: usize, step: usize, c: usize, n: i32): void {
  const c0 = v128.load64_splat(c);
  const c1 = v128.load64_splat(c, 8);
  const c2 = v128.load64_splat(c, 16);
  const c3 = v128.load64_splat(c, 24);
  const c4 = v128.load64_splat(c, 32);
  const x1 = x + step;
  const x2 = x1 + step;
  const x3 = x2 + step;
  const x4 = x3 + step;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  for (; i < end; i += 16) {
    let sum = f64x2.add(f64x2.mul(c0, v128.load(x + i)), f64x2.mul(c1, v128.load(x1 + i)));
    sum = f64x2.add(sum, f64x2.mul(c2, v128.load(x2 + i)));
    sum = f64x2.add(sum, f64x2.mul(c3, v128.load(x3 + i)));
    v128.store(out + i, f64x2.add(sum, f64x2.mul(c4, v128.load(x4 + i))));
  }
  if (n & 1) {
    let sum = load<f64>(c) * load<f64>(x + i) + load<f64>(c, 8) * load<f64>(x1 + i);
    sum += load<f64>(c, 16) * load<f64>(x2 + i);
    sum += load<f64>(c, 24) * load<f64>(x3 + i);
    store<f64>(out + i, sum + load<f64>(c, 32) * load<f64>(x4 + i));
  }
}

function pass3(out: usize, x: usize, step: usize, c: usize, n: i32, first: bool): void {
  const c0 = v128.load64_splat(c);
  const c1 = v128.load64_splat(c, 8);
  const c2 = v128.load64_splat(c, 16);
  const x1 = x + step;
  const x2 = x1 + step;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  if (first) {
    for (; i < end; i += 16) {
      const sum = f64x2.add(f64x2.mul(c0, v128.load(x + i)), f64x2.mul(c1, v128.load(x1 + i)));
      v128.store(out + i, f64x2.add(sum, f64x2.mul(c2, v128.load(x2 + i))));
    }
  } else {
    for (; i < end; i += 16) {
      let sum = f64x2.add(v128.load(out + i), f64x2.mul(c0, v128.load(x + i)));
      sum = f64x2.add(sum, f64x2.mul(c1, v128.load(x1 + i)));
      v128.store(out + i, f64x2.add(sum, f64x2.mul(c2, v128.load(x2 + i))));
    }
  }
  if (n & 1) {
    let sum = load<f64>(c) * load<f64>(x + i);
    if (!first) sum = load<f64>(out + i) + sum;
    sum += load<f64>(c, 8) * load<f64>(x1 + i);
    store<f64>(out + i, sum + load<f64>(c, 16) * load<f64>(x2 + i));
  }
}

function pass2(out: usize, x: usize, step: usize, c: usize, n: i32, first: bool): void {
  const c0 = v128.load64_splat(c);
  const c1 = v128.load64_splat(c, 8);
  const x1 = x + step;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  for (; i < end; i += 16) {
    let sum = f64x2.mul(c0, v128.load(x + i));
    if (!first) sum = f64x2.add(v128.load(out + i), sum);
    v128.store(out + i, f64x2.add(sum, f64x2.mul(c1, v128.load(x1 + i))));
  }
  if (n & 1) {
    let sum = load<f64>(c) * load<f64>(x + i);
    if (!first) sum = load<f64>(out + i) + sum;
    store<f64>(out + i, sum + load<f64>(c, 8) * load<f64>(x1 + i));
  }
}

function pass1(out: usize, x: usize, c: usize, n: i32, first: bool): void {
  const c0 = v128.load64_splat(c);
  const end = out + (<usize>n << 3);
  if (first) {
    for (; out + 24 < end; out += 32, x += 32) {
      v128.store(out, f64x2.mul(c0, v128.load(x)));
      v128.store(out, f64x2.mul(c0, v128.load(x, 16)), 16);
    }
    for (; out < end; out += 8, x += 8) store<f64>(out, load<f64>(c) * load<f64>(x));
  } else {
    for (; out + 24 < end; out += 32, x += 32) {
      v128.store(out, f64x2.add(v128.load(out), f64x2.mul(c0, v128.load(x))));
      v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(c0, v128.load(x, 16))), 16);
    }
    for (; out < end; out += 8, x += 8) store<f64>(out, load<f64>(out) + load<f64>(c) * load<f64>(x));
  }
}
