/** Register tiles of the structured normal equations: sums over one block of (two pair columns) x (up to four moment columns), eight
 *  f64x2 accumulators. More accumulators do not fit the registers that V8 has left (measured: 32 against 14 GFLOP/s). */

/** Bytes of a column of one block. */
export const COLUMN: usize = 2048;

/** Where a tile takes its pair columns from: the pair buffer, s_c s_d, or s_c s_d + e f_cd. KEPT and CURVED leave them in the buffer. */
const BUFFERED = 0;
const PLAIN = 1;
const CURVED = 2;
const KEPT = 3;

// @ts-ignore: decorator
@inline
function sums(low: v128, high: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(low, high, 0, 2), v128.shuffle<f64>(low, high, 1, 3));
}

/** Addresses of a tile's columns as the plan holds them: a, b, f of the first and of the second pair. */
// @ts-ignore: decorator
@inline
function tile(mode: i32, width: i32, pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  let x0 = f64x2.splat(0);
  let x1 = f64x2.splat(0);
  let x2 = f64x2.splat(0);
  let x3 = f64x2.splat(0);
  let y0 = f64x2.splat(0);
  let y1 = f64x2.splat(0);
  let y2 = f64x2.splat(0);
  let y3 = f64x2.splat(0);
  let a0: usize = 0;
  let b0: usize = 0;
  let f0: usize = 0;
  let a1: usize = 0;
  let b1: usize = 0;
  let f1: usize = 0;
  if (mode != BUFFERED) {
    a0 = <usize>load<u32>(pairs);
    b0 = <usize>load<u32>(pairs, 4);
    a1 = <usize>load<u32>(pairs, 20);
    b1 = <usize>load<u32>(pairs, 24);
  }
  if (mode == CURVED) {
    f0 = <usize>load<u32>(pairs, 8);
    f1 = <usize>load<u32>(pairs, 28);
  }
  for (let i: usize = 0; i < COLUMN; i += 16) {
    let p: v128;
    let q: v128;
    if (mode == BUFFERED) {
      p = v128.load(buffer + i);
      q = v128.load(buffer + i, COLUMN);
    } else {
      p = f64x2.mul(v128.load(a0 + i), v128.load(b0 + i));
      q = f64x2.mul(v128.load(a1 + i), v128.load(b1 + i));
      if (mode == CURVED) {
        const r = v128.load(e + i);
        p = f64x2.add(p, f64x2.mul(r, v128.load(f0 + i)));
        q = f64x2.add(q, f64x2.mul(r, v128.load(f1 + i)));
      }
      if (mode == CURVED || mode == KEPT) {
        v128.store(buffer + i, p);
        v128.store(buffer + i, q, COLUMN);
      }
    }
    const m0 = v128.load(moments + i);
    x0 = f64x2.add(x0, f64x2.mul(p, m0));
    y0 = f64x2.add(y0, f64x2.mul(q, m0));
    if (width > 1) {
      const m1 = v128.load(moments + i, COLUMN);
      x1 = f64x2.add(x1, f64x2.mul(p, m1));
      y1 = f64x2.add(y1, f64x2.mul(q, m1));
    }
    if (width > 2) {
      const m2 = v128.load(moments + i, 2 * COLUMN);
      x2 = f64x2.add(x2, f64x2.mul(p, m2));
      y2 = f64x2.add(y2, f64x2.mul(q, m2));
    }
    if (width > 3) {
      const m3 = v128.load(moments + i, 3 * COLUMN);
      x3 = f64x2.add(x3, f64x2.mul(p, m3));
      y3 = f64x2.add(y3, f64x2.mul(q, m3));
    }
  }
  if (width == 1) {
    v128.store64_lane(out, sums(x0, x0), 0);
    v128.store64_lane(next, sums(y0, y0), 0);
  } else {
    v128.store(out, sums(x0, x1));
    v128.store(next, sums(y0, y1));
    if (width == 3) {
      v128.store64_lane(out, sums(x2, x2), 0, 16);
      v128.store64_lane(next, sums(y2, y2), 0, 16);
    } else if (width == 4) {
      v128.store(out, sums(x2, x3), 16);
      v128.store(next, sums(y2, y3), 16);
    }
  }
}

/** Sums of one pair column with five moment columns, the affine basis of four inputs against a constant: nothing is kept. */
// @ts-ignore: decorator
@inline
function single(curved: bool, pair: usize, e: usize, moments: usize, out: usize): void {
  const a = <usize>load<u32>(pair);
  const b = <usize>load<u32>(pair, 4);
  const f = <usize>load<u32>(pair, 8);
  let x0 = f64x2.splat(0);
  let x1 = f64x2.splat(0);
  let x2 = f64x2.splat(0);
  let x3 = f64x2.splat(0);
  let x4 = f64x2.splat(0);
  for (let i: usize = 0; i < COLUMN; i += 16) {
    let p = f64x2.mul(v128.load(a + i), v128.load(b + i));
    if (curved) p = f64x2.add(p, f64x2.mul(v128.load(e + i), v128.load(f + i)));
    x0 = f64x2.add(x0, f64x2.mul(p, v128.load(moments + i)));
    x1 = f64x2.add(x1, f64x2.mul(p, v128.load(moments + i, COLUMN)));
    x2 = f64x2.add(x2, f64x2.mul(p, v128.load(moments + i, 2 * COLUMN)));
    x3 = f64x2.add(x3, f64x2.mul(p, v128.load(moments + i, 3 * COLUMN)));
    x4 = f64x2.add(x4, f64x2.mul(p, v128.load(moments + i, 4 * COLUMN)));
  }
  v128.store(out, sums(x0, x1));
  v128.store(out, sums(x2, x3), 16);
  v128.store64_lane(out, sums(x4, x4), 0, 32);
}

export function plain5(pair: usize, e: usize, moments: usize, out: usize): void {
  single(false, pair, e, moments, out);
}
export function curved5(pair: usize, e: usize, moments: usize, out: usize): void {
  single(true, pair, e, moments, out);
}
export function buffered1(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(BUFFERED, 1, pairs, e, buffer, moments, out, next);
}
export function buffered2(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(BUFFERED, 2, pairs, e, buffer, moments, out, next);
}
export function buffered3(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(BUFFERED, 3, pairs, e, buffer, moments, out, next);
}
export function buffered4(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(BUFFERED, 4, pairs, e, buffer, moments, out, next);
}
export function plain1(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(PLAIN, 1, pairs, e, buffer, moments, out, next);
}
export function plain2(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(PLAIN, 2, pairs, e, buffer, moments, out, next);
}
export function plain3(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(PLAIN, 3, pairs, e, buffer, moments, out, next);
}
export function plain4(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(PLAIN, 4, pairs, e, buffer, moments, out, next);
}
export function curved1(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(CURVED, 1, pairs, e, buffer, moments, out, next);
}
export function curved2(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(CURVED, 2, pairs, e, buffer, moments, out, next);
}
export function curved3(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(CURVED, 3, pairs, e, buffer, moments, out, next);
}
export function curved4(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(CURVED, 4, pairs, e, buffer, moments, out, next);
}
export function kept4(pairs: usize, e: usize, buffer: usize, moments: usize, out: usize, next: usize): void {
  tile(KEPT, 4, pairs, e, buffer, moments, out, next);
}
