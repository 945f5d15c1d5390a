/** exp of two lanes: k = round(x / ln 2), r = x - k ln 2 kept as hi - lo, exp(x) = 2^k (1 + (hi + (r^2 P(r) - lo))).
 *  P approximates (exp(r) - 1 - r) / r^2 on |r| <= 0.3467 with r^2 times its error below 4.3e-19 (Remez), summed by Estrin's scheme.
 *  Adding 1.5 2^52 rounds to an integer and leaves it in the low bits. ln 2 is split so that k times its head is exact. */
const EXP_TABLE: usize = memory.data<f64>(
  [
    1.4426950408889634, 1.4426950408889634, 6755399441055744.0, 6755399441055744.0, 6.93147180369123816490e-1,
    6.93147180369123816490e-1, 1.90821492927058770002e-10, 1.90821492927058770002e-10, 0.5, 0.5,
    0.16666666666666677, 0.16666666666666677, 0.04166666666666716, 0.04166666666666716, 0.008333333333322637,
    0.008333333333322637, 0.0013888888888617535, 0.0013888888888617535, 0.00019841269883113887,
    0.00019841269883113887, 2.480158789522171e-5, 2.480158789522171e-5, 2.755724763476877e-6,
    2.755724763476877e-6, 2.7556751333495024e-7, 2.7556751333495024e-7, 2.5107724840894116e-8,
    2.5107724840894116e-8, 2.1086375445028793e-9, 2.1086375445028793e-9, 1, 1,
  ],
  16,
);

/** Both lanes of constant k of the table: log2(e), 1.5 2^52, the two parts of ln 2, the eleven coefficients of P, 1. They are loaded where they
 *  are used, because V8 keeps constants of a loop in registers and then spills the rest (a fifth slower). */
// @ts-ignore: decorator
@inline
function constant(k: usize): v128 {
  return v128.load(EXP_TABLE + (k << 4));
}

/** Up to here 2^k is a normal number and one exponent addition scales exactly. */
const SAFE: f64 = 708.0;
/** One column of the module's own low memory (see normal-equations.ts for the rest of it). */
const TOTAL: usize = 24576;

// @ts-ignore: decorator
@inline
export function rounded(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, constant(0)), constant(1));
}

/** exp(r) - 1 for x = k ln 2 + r - xLow, where t = rounded(x). */
// @ts-ignore: decorator
@inline
export function reducedExpm1(x: v128, t: v128): v128 {
  const k = f64x2.sub(t, constant(1));
  const hi = f64x2.sub(x, f64x2.mul(k, constant(2)));
  const lo = f64x2.mul(k, constant(3));
  return reducedTail(hi, lo);
}

// @ts-ignore: decorator
@inline
function reducedTail(hi: v128, lo: v128): v128 {
  const r = f64x2.sub(hi, lo);
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const p01 = f64x2.add(constant(4), f64x2.mul(r, constant(5)));
  const p23 = f64x2.add(constant(6), f64x2.mul(r, constant(7)));
  const p45 = f64x2.add(constant(8), f64x2.mul(r, constant(9)));
  const p67 = f64x2.add(constant(10), f64x2.mul(r, constant(11)));
  const p89 = f64x2.add(constant(12), f64x2.mul(r, constant(13)));
  const p03 = f64x2.add(p01, f64x2.mul(r2, p23));
  const p47 = f64x2.add(p45, f64x2.mul(r2, p67));
  const p8a = f64x2.add(p89, f64x2.mul(r2, constant(14)));
  const p = f64x2.add(p03, f64x2.mul(r4, f64x2.add(p47, f64x2.mul(r4, p8a))));
  return f64x2.add(hi, f64x2.sub(f64x2.mul(r2, p), lo));
}

/** y 2^k for y in [0.7, 1.5] and k the low bits of t, |k| <= 1021. */
// @ts-ignore: decorator
@inline
export function scaled(y: v128, t: v128): v128 {
  return i64x2.add(y, i64x2.shl(t, 52));
}

/** y 2^k in two exact-or-once-rounded steps, for results that overflow or are subnormal. */
// @ts-ignore: decorator
@inline
function scaledWide(y: v128, t: v128): v128 {
  const k = i64x2.sub(t, i64x2.splat(0x4338000000000000));
  const half = i64x2.sub(i64x2.shr_u(i64x2.add(k, i64x2.splat(4096)), 1), i64x2.splat(2048));
  const first = i64x2.shl(i64x2.add(half, i64x2.splat(1023)), 52);
  const second = i64x2.shl(i64x2.add(i64x2.sub(k, half), i64x2.splat(1023)), 52);
  return f64x2.mul(f64x2.mul(y, first), second);
}

/** exp for |x| <= 708. */
// @ts-ignore: decorator
@inline
export function expSafe(x: v128): v128 {
  const t = rounded(x);
  return scaled(f64x2.add(constant(15), reducedExpm1(x, t)), t);
}

/** What is made of exp(x) - 1 = r, reduced by t: e = exp(x); the softmax of two scores whose difference is z, x = -|z|; tanh z with up to two
 *  derivatives, x = 2|z|. */
export const enum Result {
  Exp,
  Softmax,
  Tanh0,
  Tanh1,
  Tanh2,
}

/** Writes a result to a, and b and c where it has more columns; the second weight of a softmax is `b` bytes behind the first. */
// @ts-ignore: decorator
@inline
export function finish(result: i32, t: v128, r: v128, z: v128, whole: bool, a: usize, b: usize, c: usize): void {
  const one = constant(15);
  if (result == Result.Exp) put(a, scaled(f64x2.add(one, r), t), whole);
  else if (result == Result.Softmax) {
    const e = scaled(f64x2.add(one, r), t);
    const large = f64x2.div(one, f64x2.add(one, e));
    const small = f64x2.mul(e, large);
    const wins = f64x2.gt(z, f64x2.splat(0));
    v128.store(a, v128.bitselect(small, large, wins));
    v128.store(a + b, v128.bitselect(large, small, wins));
  } else {
    const power = i64x2.add(one, i64x2.shl(t, 52));
    const e = f64x2.add(f64x2.mul(power, r), f64x2.sub(power, one));
    const sum = f64x2.add(e, f64x2.splat(2));
    const inverse = f64x2.div(one, sum);
    const v = v128.or(f64x2.mul(e, inverse), v128.and(z, i64x2.splat(0x8000000000000000)));
    put(a, v, whole);
    if (result == Result.Tanh0) return;
    const slope = f64x2.mul(f64x2.mul(f64x2.mul(f64x2.add(e, one), inverse), inverse), f64x2.splat(4));
    const d1 = v128.andnot(slope, f64x2.gt(f64x2.abs(z), f64x2.splat(354)));
    put(b, d1, whole);
    if (result == Result.Tanh2) put(c, f64x2.mul(f64x2.mul(f64x2.splat(-2), v), d1), whole);
  }
}

/** `finish` for x and for x2, 16 bytes further on. Operation by operation what reducedExpm1 and `finish` do, but every constant is loaded once for both, and
 *  two chains of operations stand side by side: 5 (exp) to 20 % (softmax of two) faster. */
// @ts-ignore: decorator
@inline
export function finishTwo(result: i32, x: v128, x2: v128, z: v128, z2: v128, a: usize, b: usize, c: usize): void {
  let f = constant(0);
  let t = f64x2.mul(x, f);
  let t2 = f64x2.mul(x2, f);
  f = constant(1);
  t = f64x2.add(t, f);
  t2 = f64x2.add(t2, f);
  const k = f64x2.sub(t, f);
  const k2 = f64x2.sub(t2, f);
  f = constant(2);
  const hi = f64x2.sub(x, f64x2.mul(k, f));
  const hi2 = f64x2.sub(x2, f64x2.mul(k2, f));
  f = constant(3);
  const lo = f64x2.mul(k, f);
  const lo2 = f64x2.mul(k2, f);
  const r = f64x2.sub(hi, lo);
  const s = f64x2.sub(hi2, lo2);
  const r2 = f64x2.mul(r, r);
  const s2 = f64x2.mul(s, s);
  const r4 = f64x2.mul(r2, r2);
  const s4 = f64x2.mul(s2, s2);
  f = constant(13);
  let p = f64x2.mul(r, f);
  let q = f64x2.mul(s, f);
  f = constant(12);
  p = f64x2.add(f, p);
  q = f64x2.add(f, q);
  f = constant(14);
  p = f64x2.mul(r4, f64x2.add(p, f64x2.mul(r2, f)));
  q = f64x2.mul(s4, f64x2.add(q, f64x2.mul(s2, f)));
  f = constant(11);
  let high = f64x2.mul(r, f);
  let high2 = f64x2.mul(s, f);
  f = constant(10);
  high = f64x2.mul(r2, f64x2.add(f, high));
  high2 = f64x2.mul(s2, f64x2.add(f, high2));
  f = constant(9);
  let low = f64x2.mul(r, f);
  let low2 = f64x2.mul(s, f);
  f = constant(8);
  p = f64x2.mul(r4, f64x2.add(f64x2.add(f64x2.add(f, low), high), p));
  q = f64x2.mul(s4, f64x2.add(f64x2.add(f64x2.add(f, low2), high2), q));
  f = constant(7);
  high = f64x2.mul(r, f);
  high2 = f64x2.mul(s, f);
  f = constant(6);
  high = f64x2.mul(r2, f64x2.add(f, high));
  high2 = f64x2.mul(s2, f64x2.add(f, high2));
  f = constant(5);
  low = f64x2.mul(r, f);
  low2 = f64x2.mul(s, f);
  f = constant(4);
  p = f64x2.add(f64x2.add(f64x2.add(f, low), high), p);
  q = f64x2.add(f64x2.add(f64x2.add(f, low2), high2), q);
  if (result >= Result.Tanh0) {
    p = f64x2.add(hi, f64x2.sub(f64x2.mul(r2, p), lo));
    q = f64x2.add(hi2, f64x2.sub(f64x2.mul(s2, q), lo2));
    f = constant(15);
    t = i64x2.add(f, i64x2.shl(t, 52));
    t2 = i64x2.add(f, i64x2.shl(t2, 52));
    const e = f64x2.add(f64x2.mul(t, p), f64x2.sub(t, f));
    const e2 = f64x2.add(f64x2.mul(t2, q), f64x2.sub(t2, f));
    const g = f64x2.add(e, f);
    const g2 = f64x2.add(e2, f);
    const two = f64x2.splat(2);
    const inverse = f64x2.div(f, f64x2.add(e, two));
    const inverse2 = f64x2.div(f, f64x2.add(e2, two));
    const sign = i64x2.splat(0x8000000000000000);
    const v = v128.or(f64x2.mul(e, inverse), v128.and(z, sign));
    const v2 = v128.or(f64x2.mul(e2, inverse2), v128.and(z2, sign));
    v128.store(a, v);
    v128.store(a, v2, 16);
    if (result == Result.Tanh0) return;
    const four = f64x2.splat(4);
    const limit = f64x2.splat(354);
    const d = v128.andnot(f64x2.mul(f64x2.mul(f64x2.mul(g, inverse), inverse), four), f64x2.gt(f64x2.abs(z), limit));
    const d2 = v128.andnot(f64x2.mul(f64x2.mul(f64x2.mul(g2, inverse2), inverse2), four), f64x2.gt(f64x2.abs(z2), limit));
    v128.store(b, d);
    v128.store(b, d2, 16);
    if (result == Result.Tanh1) return;
    const minus = f64x2.splat(-2);
    v128.store(c, f64x2.mul(f64x2.mul(minus, v), d));
    v128.store(c, f64x2.mul(f64x2.mul(minus, v2), d2), 16);
    return;
  }
  finish(result, t, f64x2.add(hi, f64x2.sub(f64x2.mul(r2, p), lo)), z, true, a, b, c);
  const further = result == Result.Softmax ? b : b + 16;
  finish(result, t2, f64x2.add(hi2, f64x2.sub(f64x2.mul(s2, q), lo2)), z2, true, a + 16, further, c + 16);
}

/** exp for every x: 0 below, infinity above, NaN stays, subnormal results rounded once more. */
// @ts-ignore: decorator
@inline
export function expAny(x: v128): v128 {
  const inside = f64x2.pmax(f64x2.pmin(x, f64x2.splat(710)), f64x2.splat(-746));
  const t = rounded(inside);
  return scaledWide(f64x2.add(constant(15), reducedExpm1(inside, t)), t);
}

/** exp(x + low) for x <= 0 and a correction `low` below one ulp of x. */
// @ts-ignore: decorator
@inline
export function expCorrected(x: v128, low: v128): v128 {
  const inside = f64x2.pmax(x, f64x2.splat(-746));
  const t = rounded(inside);
  const k = f64x2.sub(t, constant(1));
  const hi = f64x2.sub(inside, f64x2.mul(k, constant(2)));
  const lo = f64x2.sub(f64x2.mul(k, constant(3)), low);
  return scaledWide(f64x2.add(constant(15), reducedTail(hi, lo)), t);
}

/** A vector, or at the end of an odd column its last element in both lanes. */
// @ts-ignore: decorator
@inline
export function get(address: usize, whole: bool): v128 {
  return whole ? v128.load(address) : v128.load64_splat(address);
}

/** Writes a vector, or only its first lane. */
// @ts-ignore: decorator
@inline
export function put(address: usize, value: v128, whole: bool): void {
  if (whole) v128.store(address, value);
  else v128.store64_lane(address, value, 0);
}

// @ts-ignore: decorator
@inline
function safe(x: v128): v128 {
  return f64x2.le(f64x2.abs(x), f64x2.splat(SAFE));
}

function allSafe(a: usize, n: i32): bool {
  let ok = f64x2.eq(f64x2.splat(0), f64x2.splat(0));
  const end = a + (<usize>(n & ~1) << 3);
  for (; a < end; a += 16) ok = v128.and(ok, safe(v128.load(a)));
  if (n & 1) ok = v128.and(ok, safe(v128.load64_splat(a)));
  return i64x2.bitmask(ok) == 3;
}

export function exp(out: usize, a: usize, n: i32): void {
  out <<= 3;
  a <<= 3;
  const end = out + (<usize>(n & ~1) << 3);
  if (allSafe(a, n)) {
    for (; out + 16 < end; out += 32, a += 32) {
      const x = v128.load(a);
      const x2 = v128.load(a, 16);
      finishTwo(Result.Exp, x, x2, x, x2, out, 0, 0);
    }
    for (; out < end; out += 16, a += 16) v128.store(out, expSafe(v128.load(a)));
    if (n & 1) v128.store64_lane(out, expSafe(v128.load64_splat(a)), 0);
  } else {
    for (; out < end; out += 16, a += 16) v128.store(out, expAny(v128.load(a)));
    if (n & 1) v128.store64_lane(out, expAny(v128.load64_splat(a)), 0);
  }
}

/** Differences to the row maximum go to p first, so that one look at them tells whether any underflows or is NaN. */
export function softmax(p: usize, s: usize, stride: i32, k: i32, n: i32): void {
  p <<= 3;
  s <<= 3;
  const step = <usize>stride << 3;
  const rows = <usize>n << 3;
  if (k == 2 && p != s && pairOfScores(p, s, step, n)) return;
  const last = <usize>k * step;
  const lowest = f64x2.splat(-SAFE);
  let ok = f64x2.eq(lowest, lowest);
  if (k == 3 || k == 4) {
    const fourth = last - step;
    for (let i: usize = 0; i < rows; i += 16) {
      const whole = i + 16 <= rows;
      const s0 = get(s + i, whole);
      const s1 = get(s + i + step, whole);
      const s2 = get(s + i + 2 * step, whole);
      const s3 = get(s + i + fourth, whole);
      const top = f64x2.pmax(f64x2.pmax(f64x2.pmax(s0, s1), s2), s3);
      const d0 = f64x2.sub(s0, top);
      const d1 = f64x2.sub(s1, top);
      const d2 = f64x2.sub(s2, top);
      const d3 = f64x2.sub(s3, top);
      ok = v128.and(ok, v128.and(f64x2.ge(d0, lowest), f64x2.ge(d1, lowest)));
      ok = v128.and(ok, v128.and(f64x2.ge(d2, lowest), f64x2.ge(d3, lowest)));
      put(p + i, d0, whole);
      put(p + i + step, d1, whole);
      put(p + i + 2 * step, d2, whole);
      put(p + i + fourth, d3, whole);
    }
  } else {
    for (let i: usize = 0; i < rows; i += 16) {
      const whole = i + 16 <= rows;
      let top = get(s + i, whole);
      for (let j = step; j < last; j += step) top = f64x2.pmax(top, get(s + j + i, whole));
      for (let j: usize = 0; j < last; j += step) {
        const d = f64x2.sub(get(s + j + i, whole), top);
        ok = v128.and(ok, f64x2.ge(d, lowest));
        put(p + j + i, d, whole);
      }
    }
  }
  const fast = i64x2.bitmask(ok) == 3;
  const even = <usize>(n & ~1) << 3;
  for (let j: usize = 0; j < last; j += step) {
    if (fast) expInto(p + j, even, j == 0);
    else expAnyInto(p + j, even, j == 0);
  }
  for (let i: usize = 0; i < even; i += 16) v128.store(TOTAL + i, f64x2.div(f64x2.splat(1), v128.load(TOTAL + i)));
  for (let j: usize = 0; j < last; j += step) {
    const column = p + j;
    for (let i: usize = 0; i < even; i += 16) v128.store(column + i, f64x2.mul(v128.load(column + i), v128.load(TOTAL + i)));
  }
  if (n & 1) softmaxRow(p + even, step, last);
}

/** Softmax of two columns: the larger one's exponential is exactly 1, so that one of the two is left to compute. False, with nothing
 *  promised about p, where n is odd, a difference is beyond 708 or a score is NaN. The bits are those of the general way. */
function pairOfScores(p: usize, s: usize, step: usize, n: i32): bool {
  if (n & 1) return false;
  const most = f64x2.splat(SAFE);
  const rows = <usize>n << 3;
  let ok = f64x2.eq(most, most);
  let i: usize = 0;
  for (; i + 16 < rows; i += 32) {
    const z = f64x2.sub(v128.load(s + step + i), v128.load(s + i));
    const z2 = f64x2.sub(v128.load(s + step + i, 16), v128.load(s + i, 16));
    const size = f64x2.abs(z);
    const size2 = f64x2.abs(z2);
    ok = v128.and(ok, v128.and(f64x2.le(size, most), f64x2.le(size2, most)));
    finishTwo(Result.Softmax, f64x2.neg(f64x2.pmin(size, most)), f64x2.neg(f64x2.pmin(size2, most)), z, z2, p + i, step, 0);
  }
  for (; i < rows; i += 16) {
    const z = f64x2.sub(v128.load(s + step + i), v128.load(s + i));
    const size = f64x2.abs(z);
    ok = v128.and(ok, f64x2.le(size, most));
    const x = f64x2.neg(f64x2.pmin(size, most));
    const t = rounded(x);
    finish(Result.Softmax, t, reducedExpm1(x, t), z, true, p + i, step, 0);
  }
  return i64x2.bitmask(ok) == 3;
}

/** column = exp(column), added to the column TOTAL, or put there first. */
function expInto(column: usize, even: usize, first: bool): void {
  let i: usize = 0;
  for (; i + 16 < even; i += 32) {
    const x = v128.load(column + i);
    const x2 = v128.load(column + i, 16);
    finishTwo(Result.Exp, x, x2, x, x2, column + i, 0, 0);
    addToTotal(column, i, first);
    addToTotal(column, i + 16, first);
  }
  for (; i < even; i += 16) {
    v128.store(column + i, expSafe(v128.load(column + i)));
    addToTotal(column, i, first);
  }
}

// @ts-ignore: decorator
@inline
function addToTotal(column: usize, i: usize, first: bool): void {
  const e = v128.load(column + i);
  v128.store(TOTAL + i, first ? e : f64x2.add(v128.load(TOTAL + i), e));
}

function expAnyInto(column: usize, even: usize, first: bool): void {
  for (let i: usize = 0; i < even; i += 16) {
    const e = expAny(v128.load(column + i));
    v128.store(column + i, e);
    v128.store(TOTAL + i, first ? e : f64x2.add(v128.load(TOTAL + i), e));
  }
}

function softmaxRow(p: usize, step: usize, last: usize): void {
  let total = f64x2.splat(0);
  for (let j: usize = 0; j < last; j += step) {
    const e = expAny(v128.load64_splat(p + j));
    v128.store64_lane(p + j, e, 0);
    total = f64x2.add(total, e);
  }
  const inverse = f64x2.div(f64x2.splat(1), total);
  for (let j: usize = 0; j < last; j += step) v128.store64_lane(p + j, f64x2.mul(v128.load64_splat(p + j), inverse), 0);
}
