import { normalCdf } from "@moe-rates/math";
import type { Activation } from "../kernels.ts";

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;

/** exp(-z^2 / 2) / sqrt(2 pi), with z^2 split exactly so that its rounding is not magnified in the tails. */
function normalDensity(z: number): number {
  if (!(Math.abs(z) < 40)) return z === z ? 0 : z;
  const head = Math.fround(z);
  const rest = (z - head) * (z + head);
  return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * head * head) * Math.exp(-0.5 * rest);
}

/** phi(u), phi'(u), phi''(u) over a column; ReLU'(0) = 0 and ReLU'' = 0 (it holds almost everywhere).
 *  With E = exp(-2|u|): tanh' = 4 E / (1 + E)^2. With E = exp(-|u|): sigma' = E / (1 + E)^2 and
 *  sigma'' = -sign(u) sigma' (1 - E) / (1 + E). Both keep their relative accuracy where 1 - phi^2 would cancel. */
export function activation(
  f64: Float64Array,
  kind: Activation,
  u: number,
  n: number,
  order: number,
  value: number,
  first: number,
  second: number,
): void {
  for (let i = 0; i < n; i++) {
    const z = f64[u + i];
    let v: number;
    let d1: number;
    let d2: number;
    if (kind === "tanh") {
      const e = Math.exp(-2 * Math.abs(z));
      v = Math.tanh(z);
      d1 = (4 * e) / ((1 + e) * (1 + e));
      d2 = -2 * v * d1;
    } else if (kind === "logistic") {
      const e = Math.exp(-Math.abs(z));
      const inverse = 1 / (1 + e);
      v = z < 0 ? e * inverse : inverse;
      d1 = e * inverse * inverse;
      d2 = Math.sign(z) * Math.expm1(-Math.abs(z)) * inverse * d1;
    } else if (kind === "gelu") {
      const cdf = normalCdf(z);
      const density = normalDensity(z);
      v = z * cdf;
      d1 = cdf + z * density;
      d2 = density * (2 - z * z);
      if (density === 0) {
        d1 = cdf;
        d2 = 0;
      }
      if (z === -Infinity) v = 0;
    } else {
      v = z > 0 ? z : z === z ? 0 : z;
      d1 = z > 0 ? 1 : 0;
      d2 = 0;
    }
    f64[value + i] = v;
    if (order >= 1) f64[first + i] = d1;
    if (order >= 2) f64[second + i] = d2;
  }
}

/** u^m, m u^(m-1), m (m-1) u^(m-2) by repeated multiplication. */
export function power(
  f64: Float64Array,
  degree: number,
  u: number,
  n: number,
  order: number,
  value: number,
  first: number,
  second: number,
): void {
  for (let i = 0; i < n; i++) {
    const z = f64[u + i];
    let below = 1;
    for (let m = 2; m < degree; m++) below *= z;
    const low = degree >= 2 ? below : 0;
    const middle = degree >= 2 ? below * z : 1;
    if (order >= 1) f64[first + i] = degree * middle;
    if (order >= 2) f64[second + i] = degree * (degree - 1) * low;
    f64[value + i] = middle * z;
  }
}
