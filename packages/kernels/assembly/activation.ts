import { expAny, expCorrected, finish, finishTwo, get, put, reducedExpm1, Result, rounded } from "./exponential";

const SIGN: u64 = 0x8000000000000000;

/** With E = exp(2|u|) - 1: tanh |u| = E / (E + 2), tanh' = 4 (E + 1) / (E + 2)^2, tanh'' = -2 tanh tanh'. Beyond |u| = 354 the
 *  derivatives, below 1e-306, are written as 0. */
export function tanh(u: usize, n: i32, order: i32, value: usize, first: usize, second: usize): void {
  const rows = <usize>n << 3;
  u <<= 3;
  value <<= 3;
  first <<= 3;
  second <<= 3;
  if (order == 0) tanhRows(Result.Tanh0, u, rows, value, first, second);
  else if (order == 1) tanhRows(Result.Tanh1, u, rows, value, first, second);
  else tanhRows(Result.Tanh2, u, rows, value, first, second);
}

// @ts-ignore: decorator
@inline
function tanhRows(result: i32, u: usize, rows: usize, value: usize, first: usize, second: usize): void {
  let i: usize = 0;
  for (; i + 32 <= rows; i += 32) {
    const z = v128.load(u + i);
    const z2 = v128.load(u + i, 16);
    finishTwo(result, twice(z), twice(z2), z, z2, value + i, first + i, second + i);
  }
  for (; i < rows; i += 16) {
    const whole = i + 16 <= rows;
    const z = get(u + i, whole);
    const x = twice(z);
    const t = rounded(x);
    finish(result, t, reducedExpm1(x, t), z, whole, value + i, first + i, second + i);
  }
}

/** 2 |u|, at most 708. */
// @ts-ignore: decorator
@inline
function twice(u: v128): v128 {
  const size = f64x2.abs(u);
  return f64x2.pmin(f64x2.add(size, size), f64x2.splat(708));
}

/** With E = exp(-|u|): sigma = 1 / (1 + E) or E / (1 + E), sigma' = E / (1 + E)^2, sigma'' = sigma' (1 - 2 sigma), where
 *  1 - 2 sigma = -sign(u) (1 - E) / (1 + E). */
export function logistic(u: usize, n: i32, order: i32, value: usize, first: usize, second: usize): void {
  const rows = <usize>n << 3;
  u <<= 3;
  value <<= 3;
  first <<= 3;
  second <<= 3;
  const one = f64x2.splat(1);
  for (let i: usize = 0; i < rows; i += 16) {
    const whole = i + 16 <= rows;
    const z = get(u + i, whole);
    const e = expAny(f64x2.neg(f64x2.abs(z)));
    const inverse = f64x2.div(one, f64x2.add(one, e));
    const small = f64x2.mul(e, inverse);
    const v = v128.bitselect(small, inverse, f64x2.lt(z, f64x2.splat(0)));
    put(value + i, v, whole);
    if (order >= 1) {
      const d1 = f64x2.mul(small, inverse);
      put(first + i, d1, whole);
      if (order >= 2) {
        const tilt = f64x2.mul(f64x2.sub(one, e), inverse);
        put(second + i, f64x2.mul(d1, v128.xor(tilt, v128.andnot(i64x2.splat(SIGN), z))), whole);
      }
    }
  }
}

/** ReLU with ReLU'(0) = 0 and ReLU'' = 0; NaN stays. */
export function relu(u: usize, n: i32, order: i32, value: usize, first: usize, second: usize): void {
  const rows = <usize>n << 3;
  u <<= 3;
  value <<= 3;
  first <<= 3;
  second <<= 3;
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < rows; i += 16) {
    const whole = i + 16 <= rows;
    const z = get(u + i, whole);
    const positive = f64x2.gt(z, zero);
    put(value + i, v128.andnot(z, f64x2.le(z, zero)), whole);
    if (order >= 1) put(first + i, v128.and(positive, f64x2.splat(1)), whole);
    if (order >= 2) put(second + i, zero, whole);
  }
}

/** Phi(-a) = exp(-a^2 / 2) Q(t) / (1 + 1.25 a) for a = |u| <= 39, t = (a - 5) / (a + 5), with Q of degree 22 (Chebyshev interpolation,
 *  relative error 1.3e-17). a^2 is split exactly, so that the exponential keeps its relative accuracy in the tail.
 *  GELU = u Phi(u), GELU' = Phi(u) + u phi(u), GELU'' = phi(u) (2 - u^2). */
export function gelu(u: usize, n: i32, order: i32, value: usize, first: usize, second: usize): void {
  const rows = <usize>n << 3;
  u <<= 3;
  value <<= 3;
  first <<= 3;
  second <<= 3;
  for (let i: usize = 0; i < rows; i += 16) {
    const whole = i + 16 <= rows;
    const z = get(u + i, whole);
    const a = f64x2.pmin(f64x2.abs(z), f64x2.splat(39));
    const head = v128.and(a, i64x2.splat(0xfffffffff8000000));
    const square = f64x2.mul(head, head);
    const rest = f64x2.mul(f64x2.sub(a, head), f64x2.add(a, head));
    const density = expCorrected(f64x2.mul(square, f64x2.splat(-0.5)), f64x2.mul(rest, f64x2.splat(-0.5)));
    const far = f64x2.add(a, f64x2.splat(5));
    const slant = f64x2.add(f64x2.splat(1), f64x2.mul(a, f64x2.splat(1.25)));
    const inverse = f64x2.div(f64x2.splat(1), f64x2.mul(far, slant));
    const t = f64x2.mul(f64x2.mul(f64x2.sub(a, f64x2.splat(5)), slant), inverse);
    const tail = f64x2.mul(f64x2.mul(millsRatio(t), f64x2.mul(far, inverse)), density);
    const cdf = v128.bitselect(tail, f64x2.sub(f64x2.splat(1), tail), f64x2.lt(z, f64x2.splat(0)));
    const deep = f64x2.lt(z, f64x2.splat(-39));
    put(value + i, v128.andnot(f64x2.mul(z, cdf), deep), whole);
    if (order >= 1) {
      const phi = f64x2.mul(density, f64x2.splat(0.3989422804014327));
      const bounded = v128.or(a, v128.and(z, i64x2.splat(SIGN)));
      put(first + i, v128.andnot(f64x2.add(cdf, f64x2.mul(bounded, phi)), deep), whole);
      if (order >= 2) put(second + i, f64x2.mul(phi, f64x2.sub(f64x2.splat(2), f64x2.mul(bounded, bounded))), whole);
    }
  }
}

// @ts-ignore: decorator
@inline
function step(low: v128, x: v128, high: v128): v128 {
  return f64x2.add(low, f64x2.mul(x, high));
}

// @ts-ignore: decorator
@inline
function pair(low: f64, t: v128, high: f64): v128 {
  return f64x2.add(f64x2.splat(low), f64x2.mul(t, f64x2.splat(high)));
}

/** Q(t) = (1 + 1.25 a) exp(a^2 / 2) Phi(-a). */
// @ts-ignore: decorator
@inline
function millsRatio(t: v128): v128 {
  const t2 = f64x2.mul(t, t);
  const t4 = f64x2.mul(t2, t2);
  const t8 = f64x2.mul(t4, t4);
  const q0 = step(pair(0.5576649610687956, t, -0.07857596347650804), t2, pair(0.00977075756095361, t, 0.032723909797539565));
  const q4 = step(pair(-0.044965141778931406, t, 0.036524679177452515), t2, pair(-0.021210861890357896, t, 0.008747211910200284));
  const q8 = step(pair(-0.0021499781244029717, t, -2.3829603383835055e-5), t2, pair(0.00024302464596755294, t, -6.725033789263567e-5));
  const q12 = step(pair(-1.4031765500347321e-5, t, 1.1643898593152988e-5), t2, pair(8.27197774057798e-8, t, -1.6980634203956245e-6));
  const q16 = step(pair(1.364633236228141e-7, t, 2.5810548277415825e-7), t2, pair(-2.465482076591731e-8, t, -4.12312972371331e-8));
  const q20 = step(pair(4.032753058354957e-11, t, 5.091773871222469e-9), t2, f64x2.splat(9.834080499921637e-10));
  const low = step(q0, t4, q4);
  const middle = step(q8, t4, q12);
  const high = step(q16, t4, q20);
  return step(low, t8, step(middle, t8, high));
}

/** u^degree with two derivatives by repeated multiplication. */
export function power(degree: i32, u: usize, n: i32, order: i32, value: usize, first: usize, second: usize): void {
  const rows = <usize>n << 3;
  u <<= 3;
  value <<= 3;
  first <<= 3;
  second <<= 3;
  const one = f64x2.splat(1);
  const factor = f64x2.splat(<f64>degree);
  const factors = f64x2.splat(<f64>(degree * (degree - 1)));
  for (let i: usize = 0; i < rows; i += 16) {
    const whole = i + 16 <= rows;
    const z = get(u + i, whole);
    let below = one;
    for (let m = 2; m < degree; m++) below = f64x2.mul(below, z);
    const low = degree >= 2 ? below : f64x2.splat(0);
    const middle = degree >= 2 ? f64x2.mul(below, z) : one;
    if (order >= 1) put(first + i, f64x2.mul(factor, middle), whole);
    if (order >= 2) put(second + i, f64x2.mul(factors, low), whole);
    put(value + i, f64x2.mul(middle, z), whole);
  }
}
