/** exp of two lanes: k = round(x / ln 2), r = x - k ln 2 kept as hi - lo, exp(x) = 2^k (1 + (hi + (r^2 P(r) - lo))).
 *  P approximates (exp(r) - 1 - r) / r^2 on |r| <= 0.3467 with r^2 times its error below 4.3e-19 (Remez), summed by Estrin's scheme.
 *  Adding 1.5 2^52 rounds to an integer and leaves it in the low bits. ln 2 is split so that k times its head is exact. */
const LOG2E: f64 = 1.4426950408889634;
const ROUND: f64 = 6755399441055744.0;
const LN2_HIGH: f64 = 6.93147180369123816490e-1;
const LN2_LOW: f64 = 1.90821492927058770002e-10;
/** Up to here 2^k is a normal number and one exponent addition scales exactly. */
const SAFE: f64 = 708.0;

// @ts-ignore: decorator
@inline
export function rounded(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), f64x2.splat(ROUND));
}

/** exp(r) - 1 for x = k ln 2 + r - xLow, where t = rounded(x). */
// @ts-ignore: decorator
@inline
export function reducedExpm1(x: v128, t: v128): v128 {
  const k = f64x2.sub(t, f64x2.splat(ROUND));
  const hi = f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const lo = f64x2.mul(k, f64x2.splat(LN2_LOW));
  return reducedTail(hi, lo);
}

// @ts-ignore: decorator
@inline
function reducedTail(hi: v128, lo: v128): v128 {
  const r = f64x2.sub(hi, lo);
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const p01 = f64x2.add(f64x2.splat(0.5), f64x2.mul(r, f64x2.splat(0.16666666666666677)));
  const p23 = f64x2.add(f64x2.splat(0.04166666666666716), f64x2.mul(r, f64x2.splat(0.008333333333322637)));
  const p45 = f64x2.add(f64x2.splat(0.0013888888888617535), f64x2.mul(r, f64x2.splat(0.00019841269883113887)));
  const p67 = f64x2.add(f64x2.splat(2.480158789522171e-5), f64x2.mul(r, f64x2.splat(2.755724763476877e-6)));
  const p89 = f64x2.add(f64x2.splat(2.7556751333495024e-7), f64x2.mul(r, f64x2.splat(2.5107724840894116e-8)));
  const p03 = f64x2.add(p01, f64x2.mul(r2, p23));
  const p47 = f64x2.add(p45, f64x2.mul(r2, p67));
  const p8a = f64x2.add(p89, f64x2.mul(r2, f64x2.splat(2.1086375445028793e-9)));
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
  return scaled(f64x2.add(f64x2.splat(1), reducedExpm1(x, t)), t);
}

/** exp for every x: 0 below, infinity above, NaN stays, subnormal results rounded once more. */
// @ts-ignore: decorator
@inline
export function expAny(x: v128): v128 {
  const inside = f64x2.pmax(f64x2.pmin(x, f64x2.splat(710)), f64x2.splat(-746));
  const t = rounded(inside);
  return scaledWide(f64x2.add(f64x2.splat(1), reducedExpm1(inside, t)), t);
}

/** exp(x + low) for x <= 0 and a correction `low` below one ulp of x. */
// @ts-ignore: decorator
@inline
export function expCorrected(x: v128, low: v128): v128 {
  const inside = f64x2.pmax(x, f64x2.splat(-746));
  const t = rounded(inside);
  const k = f64x2.sub(t, f64x2.splat(ROUND));
  const hi = f64x2.sub(inside, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const lo = f64x2.sub(f64x2.mul(k, f64x2.splat(LN2_LOW)), low);
  return scaledWide(f64x2.add(f64x2.splat(1), reducedTail(hi, lo)), t);
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
    for (; out < end; out += 16, a += 16) v128.store(out, expSafe(v128.load(a)));
    if (n & 1) v128.store64_lane(out, expSafe(v128.load64_splat(a)), 0);
  } else {
    for (; out < end; out += 16, a += 16) v128.store(out, expAny(v128.load(a)));
    if (n & 1) v128.store64_lane(out, expAny(v128.load64_splat(a)), 0);
  }
}

/** Differences to the row maximum go to p first, so that one look over p tells whether any of them underflows. */
export function softmax(p: usize, s: usize, stride: i32, k: i32, n: i32): void {
  p <<= 3;
  s <<= 3;
  const step = <usize>stride << 3;
  const rows = <usize>n << 3;
  const last = <usize>k * step;
  let ok = f64x2.eq(f64x2.splat(0), f64x2.splat(0));
  for (let i: usize = 0; i < rows; i += 16) {
    const whole = i + 16 <= rows;
    let top = whole ? v128.load(s + i) : v128.load64_splat(s + i);
    for (let j = step; j < last; j += step) {
      top = f64x2.pmax(top, whole ? v128.load(s + j + i) : v128.load64_splat(s + j + i));
    }
    for (let j: usize = 0; j < last; j += step) {
      const d = f64x2.sub(whole ? v128.load(s + j + i) : v128.load64_splat(s + j + i), top);
      ok = v128.and(ok, safe(d));
      if (whole) v128.store(p + j + i, d);
      else v128.store64_lane(p + j + i, d, 0);
    }
  }
  const fast = i64x2.bitmask(ok) == 3;
  for (let i: usize = 0; i < rows; i += 16) {
    if (i + 16 > rows) {
      softmaxRow(p + i, step, last);
      return;
    }
    let total = f64x2.splat(0);
    if (fast) {
      for (let j: usize = 0; j < last; j += step) {
        const e = expSafe(v128.load(p + j + i));
        v128.store(p + j + i, e);
        total = f64x2.add(total, e);
      }
    } else {
      for (let j: usize = 0; j < last; j += step) {
        const e = expAny(v128.load(p + j + i));
        v128.store(p + j + i, e);
        total = f64x2.add(total, e);
      }
    }
    const inverse = f64x2.div(f64x2.splat(1), total);
    for (let j: usize = 0; j < last; j += step) v128.store(p + j + i, f64x2.mul(v128.load(p + j + i), inverse));
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
