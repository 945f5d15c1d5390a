import { BLOCK } from "../memory.ts";
import type { NormalRequest } from "../kernels.ts";

/** A binding of this module: test runners turn an imported one into a property lookup, which a loop over samples would measure. */
const ROWS = BLOCK;

/** Address of the weighted moment column basis_t basis_u in the request's scratch, t <= u. */
function moment(request: NormalRequest, t: number, u: number): number {
  const index = t <= u ? (u * (u + 1)) / 2 + t : (t * (t + 1)) / 2 + u;
  return request.scratch + (index + 2) * BLOCK;
}

function dot(f64: Float64Array, a: number, b: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < ROWS; i += 4) {
    s0 += f64[a + i] * f64[b + i];
    s1 += f64[a + i + 1] * f64[b + i + 1];
    s2 += f64[a + i + 2] * f64[b + i + 2];
    s3 += f64[a + i + 3] * f64[b + i + 3];
  }
  return s0 + s1 + (s2 + s3);
}

/** Reference of `Kernels.gradient`. */
export function gradient(
  f64: Float64Array,
  request: NormalRequest,
  e: number,
  out: number,
  norms: number,
): void {
  const { channels, scalars, basis, weight } = request;
  const pair = request.scratch;
  const squares = request.scratch + BLOCK;
  for (let c = 0; c < channels.length; c++) {
    const channel = channels[c];
    const scalar = scalars + c * BLOCK;
    for (let i = 0; i < ROWS; i++) {
      const w = f64[weight + i];
      f64[pair + i] = w === 0 ? 0 : w * f64[e + i] * f64[scalar + i];
      f64[squares + i] = w === 0 ? 0 : w * f64[scalar + i] * f64[scalar + i];
    }
    for (let t = 0; t < channel.terms; t++) {
      const column = basis + (channel.basis + t) * BLOCK;
      f64[out + channel.parameter + t] += dot(f64, pair, column);
      if (norms < 0) continue;
      let sum = 0;
      for (let i = 0; i < ROWS; i++) sum += f64[squares + i] * f64[column + i] * f64[column + i];
      f64[norms + channel.parameter + t] += sum;
    }
  }
}

/** Reference of `Kernels.normal`: moments basis_t basis_u once per block, then one weighted sum per pair of channels and moment. */
export function normal(f64: Float64Array, request: NormalRequest, e: number, matrix: number): void {
  const { channels, dimension, scalars, curvature, basis, weight, columns } = request;
  for (let u = 0; u < columns; u++) {
    for (let t = 0; t <= u; t++) {
      const out = moment(request, t, u);
      const a = basis + t * BLOCK;
      const b = basis + u * BLOCK;
      for (let i = 0; i < ROWS; i++) f64[out + i] = f64[weight + i] * f64[a + i] * f64[b + i];
    }
  }
  const pair = request.scratch;
  for (let c = 0; c < channels.length; c++) {
    for (let d = c; d < channels.length; d++) {
      const second = curvature[c * channels.length + d];
      pairColumn(f64, pair, scalars + c * BLOCK, scalars + d * BLOCK, e, second, weight);
      const left = channels[c];
      const right = channels[d];
      const sameBasis = left.basis === right.basis && left.terms === right.terms;
      for (let t = 0; t < left.terms; t++) {
        const row = matrix + (left.parameter + t) * dimension + right.parameter;
        for (let u = sameBasis ? t : 0; u < right.terms; u++) {
          const sum = dot(f64, pair, moment(request, left.basis + t, right.basis + u));
          f64[row + u] += sum;
          if (sameBasis && c !== d && u > t)
            f64[matrix + (left.parameter + u) * dimension + right.parameter + t] += sum;
        }
      }
    }
  }
}

/** s_c s_d (+ e f_cd), exactly 0 in rows of weight 0 whatever the columns hold there. */
function pairColumn(
  f64: Float64Array,
  out: number,
  a: number,
  b: number,
  e: number,
  second: number,
  weight: number,
): void {
  for (let i = 0; i < ROWS; i++) {
    const curvature = second < 0 ? 0 : f64[e + i] * f64[second + i];
    f64[out + i] = f64[weight + i] === 0 ? 0 : f64[a + i] * f64[b + i] + curvature;
  }
}
