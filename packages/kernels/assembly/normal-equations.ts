import { COLUMN, curved5, kept4, plain5, buffered1, buffered2, buffered3, buffered4, curved1, curved2, curved3, curved4, plain1, plain2, plain3, plain4 } from "./tile";

/** Private low memory, below the reserve that simd-kernels.ts keeps free: two pair columns, the weighted residual and
 *  the sums of one tile row. */
const BUFFER: usize = 16384;
const WEIGHTED: usize = BUFFER + 2 * COLUMN;
const MASKED: usize = 28672;
const SUMS: usize = 32768;
const NEXT_SUMS: usize = 65536;

/** Runs a plan (see plan.ts) on one block. Every segment forms its moment columns, if it has any of its own, then multiplies its
 *  pair columns with them and adds the sums to `out` where its entry lists say. `again`: weight and e are those of the call before. */
export function run(plan: usize, basis: usize, weight: usize, e: usize, out: usize, again: i32): void {
  basis <<= 3;
  weight <<= 3;
  e <<= 3;
  out <<= 3;
  if (!again) store<i32>(MASKED, i32(weighted(weight, e)));
  const masked = load<i32>(MASKED) != 0;
  const segments = load<i32>(plan);
  let at = plan + 4;
  for (let segment = 0; segment < segments; segment++) {
    const width = load<i32>(at);
    const relative = load<i32>(at, 4);
    let moments = <usize>load<u32>(at, 8);
    if (relative) moments += basis;
    const products = load<i32>(at, 12);
    at += 16;
    if (products > 0) formMoments(at, products, basis, weight, moments);
    at += <usize>products << 3;
    const off = at;
    at += 4 + (<usize>load<i32>(at) << 3);
    const diagonal = at;
    at += 4 + (<usize>load<i32>(at) << 3);
    for (let curved = 0; curved < 2; curved++) {
      const tiles = load<i32>(at);
      at += 4;
      for (let t = 0; t < tiles; t++, at += 40) {
        if (masked) {
          maskedPair(at, BUFFER, curved != 0, e, weight);
          maskedPair(at + 20, BUFFER + COLUMN, curved != 0, e, weight);
        }
        multiplyTile(masked ? 0 : 1 + curved, at, e, moments, width);
        scatter(load<i32>(at, 16), off, diagonal, SUMS, out + load<u32>(at, 12));
        scatter(load<i32>(at, 36), off, diagonal, NEXT_SUMS, out + load<u32>(at, 32));
      }
    }
  }
}

function multiplyTile(mode: i32, pairs: usize, e: usize, moments: usize, width: i32): void {
  if (width == 5 && mode == 1) {
    plain5(pairs, e, moments, SUMS);
    plain5(pairs + 20, e, moments, NEXT_SUMS);
    return;
  }
  if (width == 5 && mode == 2) {
    curved5(pairs, e, moments, SUMS);
    curved5(pairs + 20, e, moments, NEXT_SUMS);
    return;
  }
  let out = SUMS;
  let next = NEXT_SUMS;
  while (width > 0) {
    const now = width == 5 ? 3 : min(width, 4);
    if (mode == 0) {
      if (now == 4) buffered4(pairs, e, BUFFER, moments, out, next);
      else if (now == 3) buffered3(pairs, e, BUFFER, moments, out, next);
      else if (now == 2) buffered2(pairs, e, BUFFER, moments, out, next);
      else buffered1(pairs, e, BUFFER, moments, out, next);
    } else if (mode == 1) {
      if (width > 4) kept4(pairs, e, BUFFER, moments, out, next);
      else if (now == 4) plain4(pairs, e, BUFFER, moments, out, next);
      else if (now == 3) plain3(pairs, e, BUFFER, moments, out, next);
      else if (now == 2) plain2(pairs, e, BUFFER, moments, out, next);
      else plain1(pairs, e, BUFFER, moments, out, next);
    } else {
      if (now == 4) curved4(pairs, e, BUFFER, moments, out, next);
      else if (now == 3) curved3(pairs, e, BUFFER, moments, out, next);
      else if (now == 2) curved2(pairs, e, BUFFER, moments, out, next);
      else curved1(pairs, e, BUFFER, moments, out, next);
    }
    mode = 0;
    width -= now;
    moments += <usize>now * COLUMN;
    out += <usize>now << 3;
    next += <usize>now << 3;
  }
}

/** kind 0: the entries of two different channels, 1: of a channel with itself, 2: a filler that is not added. */
function scatter(kind: i32, off: usize, diagonal: usize, sums: usize, out: usize): void {
  if (kind == 2) return;
  const list = kind == 0 ? off : diagonal;
  const end = list + 4 + (<usize>load<i32>(list) << 3);
  for (let at = list + 4; at < end; at += 8) {
    const target = out + load<u32>(at, 4);
    store<f64>(target, load<f64>(target) + load<f64>(sums + load<u32>(at)));
  }
}

/** WEIGHTED = weight e, exactly 0 where the weight is 0. Returns whether any weight is 0. */
function weighted(weight: usize, e: usize): bool {
  const zero = f64x2.splat(0);
  let any = zero;
  for (let i: usize = 0; i < COLUMN; i += 16) {
    const w = v128.load(weight + i);
    const none = f64x2.eq(w, zero);
    any = v128.or(any, none);
    v128.store(WEIGHTED + i, v128.andnot(f64x2.mul(w, v128.load(e + i)), none));
  }
  return v128.any_true(any);
}

/** (weight b_right) b_left for the listed products, two at a time where they share the right factor. */
function formMoments(list: usize, count: i32, basis: usize, weight: usize, out: usize): void {
  for (let k = 0; k < count; ) {
    const left = basis + load<u32>(list);
    const right = basis + load<u32>(list, 4);
    if (k + 1 < count && load<u32>(list, 4) == load<u32>(list, 12)) {
      const other = basis + load<u32>(list, 8);
      for (let i: usize = 0; i < COLUMN; i += 16) {
        const w = f64x2.mul(v128.load(weight + i), v128.load(right + i));
        v128.store(out + i, f64x2.mul(w, v128.load(left + i)));
        v128.store(out + i, f64x2.mul(w, v128.load(other + i)), COLUMN);
      }
      k += 2;
      list += 16;
      out += 2 * COLUMN;
    } else {
      for (let i: usize = 0; i < COLUMN; i += 16) {
        const w = f64x2.mul(v128.load(weight + i), v128.load(right + i));
        v128.store(out + i, f64x2.mul(w, v128.load(left + i)));
      }
      k++;
      list += 8;
      out += COLUMN;
    }
  }
}

/** s_c s_d (+ e f_cd), exactly 0 in rows of weight 0 whatever the columns hold there. */
function maskedPair(pair: usize, out: usize, curved: bool, e: usize, weight: usize): void {
  const a = <usize>load<u32>(pair);
  const b = <usize>load<u32>(pair, 4);
  const f = <usize>load<u32>(pair, 8);
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < COLUMN; i += 16) {
    let p = f64x2.mul(v128.load(a + i), v128.load(b + i));
    if (curved) p = f64x2.add(p, f64x2.mul(v128.load(e + i), v128.load(f + i)));
    v128.store(out + i, v128.andnot(p, f64x2.eq(v128.load(weight + i), zero)));
  }
}
