/** Differences and sums of products in one pass. Every element goes through the operations in the order written, as in the single steps of `columns.ts`. */
import { multiply } from "./columns";

/** out = (a - b) c. */
export function multiplyDifference(out: usize, a: usize, b: usize, c: usize, n: i32): void {
  out <<= 3;
  a <<= 3;
  b <<= 3;
  c <<= 3;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  for (; i < end; i += 16)
    v128.store(out + i, f64x2.mul(f64x2.sub(v128.load(a + i), v128.load(b + i)), v128.load(c + i)));
  if (n & 1) store<f64>(out + i, (load<f64>(a + i) - load<f64>(b + i)) * load<f64>(c + i));
}

/** out = base - a b, with 0 for a negative `base`. */
export function subtractProduct(out: usize, base: i32, a: usize, b: usize, n: i32): void {
  out <<= 3;
  a <<= 3;
  b <<= 3;
  const from = <usize>base << 3;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  if (base < 0) {
    const zero = f64x2.splat(0);
    for (; i < end; i += 16)
      v128.store(out + i, f64x2.sub(zero, f64x2.mul(v128.load(a + i), v128.load(b + i))));
    if (n & 1) store<f64>(out + i, 0 - load<f64>(a + i) * load<f64>(b + i));
  } else {
    for (; i < end; i += 16)
      v128.store(out + i, f64x2.sub(v128.load(from + i), f64x2.mul(v128.load(a + i), v128.load(b + i))));
    if (n & 1) store<f64>(out + i, load<f64>(from + i) - load<f64>(a + i) * load<f64>(b + i));
  }
}

/** out = (base - a b) - c d, with 0 for a negative `base`. */
export function subtractProducts(
  out: usize,
  base: i32,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  n: i32,
): void {
  out <<= 3;
  a <<= 3;
  b <<= 3;
  c <<= 3;
  d <<= 3;
  const from = <usize>base << 3;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  if (base < 0) {
    const zero = f64x2.splat(0);
    for (; i < end; i += 16) {
      const less = f64x2.sub(zero, f64x2.mul(v128.load(a + i), v128.load(b + i)));
      v128.store(out + i, f64x2.sub(less, f64x2.mul(v128.load(c + i), v128.load(d + i))));
    }
  } else {
    for (; i < end; i += 16) {
      const less = f64x2.sub(v128.load(from + i), f64x2.mul(v128.load(a + i), v128.load(b + i)));
      v128.store(out + i, f64x2.sub(less, f64x2.mul(v128.load(c + i), v128.load(d + i))));
    }
  }
  if (n & 1) {
    const first: f64 = base < 0 ? 0 : load<f64>(from + i);
    const less = first - load<f64>(a + i) * load<f64>(b + i);
    store<f64>(out + i, less - load<f64>(c + i) * load<f64>(d + i));
  }
}

/** out = a_0 b_0 + a_1 b_1 + ..., left to right: two or three products in the first pass, two in each later one. */
export function sumOfProducts(out: usize, a: usize, b: usize, stride: i32, count: i32, n: i32): void {
  if (count == 1) {
    multiply(out, a, b, n);
    return;
  }
  out <<= 3;
  a <<= 3;
  b <<= 3;
  const step = <usize>stride << 3;
  let done = 2;
  if (count & 1) {
    products3(out, a, b, step, n);
    done = 3;
  } else {
    products2(out, a, b, step, n);
  }
  for (; done < count; done += 2) addProducts2(out, a + done * step, b + done * step, step, n);
}

function products2(out: usize, a: usize, b: usize, step: usize, n: i32): void {
  const a1 = a + step;
  const b1 = b + step;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  for (; i < end; i += 16) {
    const first = f64x2.mul(v128.load(a + i), v128.load(b + i));
    v128.store(out + i, f64x2.add(first, f64x2.mul(v128.load(a1 + i), v128.load(b1 + i))));
  }
  if (n & 1)
    store<f64>(out + i, load<f64>(a + i) * load<f64>(b + i) + load<f64>(a1 + i) * load<f64>(b1 + i));
}

function products3(out: usize, a: usize, b: usize, step: usize, n: i32): void {
  const a1 = a + step;
  const b1 = b + step;
  const a2 = a1 + step;
  const b2 = b1 + step;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  for (; i < end; i += 16) {
    let sum = f64x2.mul(v128.load(a + i), v128.load(b + i));
    sum = f64x2.add(sum, f64x2.mul(v128.load(a1 + i), v128.load(b1 + i)));
    v128.store(out + i, f64x2.add(sum, f64x2.mul(v128.load(a2 + i), v128.load(b2 + i))));
  }
  if (n & 1) {
    const sum = load<f64>(a + i) * load<f64>(b + i) + load<f64>(a1 + i) * load<f64>(b1 + i);
    store<f64>(out + i, sum + load<f64>(a2 + i) * load<f64>(b2 + i));
  }
}

function addProducts2(out: usize, a: usize, b: usize, step: usize, n: i32): void {
  const a1 = a + step;
  const b1 = b + step;
  const end: usize = <usize>(n & ~1) << 3;
  let i: usize = 0;
  for (; i < end; i += 16) {
    const sum = f64x2.add(v128.load(out + i), f64x2.mul(v128.load(a + i), v128.load(b + i)));
    v128.store(out + i, f64x2.add(sum, f64x2.mul(v128.load(a1 + i), v128.load(b1 + i))));
  }
  if (n & 1) {
    const sum = load<f64>(out + i) + load<f64>(a + i) * load<f64>(b + i);
    store<f64>(out + i, sum + load<f64>(a1 + i) * load<f64>(b1 + i));
  }
}
