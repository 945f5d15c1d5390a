import type { Kernels } from "../kernels.ts";
import { memoryOver } from "../memory.ts";
import { activation, power } from "./activation.ts";
import * as columns from "./columns.ts";
import { gradient, normal } from "./normal-equations.ts";

/** The plain-TypeScript kernels over a fresh memory of `doubles` doubles. They run everywhere and are what every other
 *  implementation is tested against. */
export function referenceKernels(doubles: number): Kernels {
  const memory = memoryOver(new Float64Array(doubles));
  const { f64 } = memory;
  return {
    name: "reference",
    memory,
    affine: (out, x, stride, terms, coefficients, n) =>
      columns.affine(f64, out, x, stride, terms, coefficients, n),
    fill: (out, value, n) => void f64.fill(value, out, out + n),
    multiply: (out, a, b, n) => columns.multiply(f64, out, a, b, n),
    multiplyAdd: (out, a, b, n) => columns.multiplyAdd(f64, out, a, b, n),
    subtract: (out, a, b, n) => columns.subtract(f64, out, a, b, n),
    multiplyDifference: (out, a, b, c, n) => columns.multiplyDifference(f64, out, a, b, c, n),
    subtractProduct: (out, base, a, b, n) => columns.subtractProduct(f64, out, base, a, b, n),
    subtractProducts: (out, base, a, b, c, d, n) => columns.subtractProducts(f64, out, base, a, b, c, d, n),
    sumOfProducts: (out, a, b, stride, count, n) => columns.sumOfProducts(f64, out, a, b, stride, count, n),
    scale: (out, a, factor, n) => columns.scale(f64, out, a, factor, n),
    exp: (out, a, n) => columns.exp(f64, out, a, n),
    softmax: (p, s, stride, k, n) => columns.softmax(f64, p, s, stride, k, n),
    activation: (kind, u, n, order, value, first, second) =>
      activation(f64, kind, u, n, order, value, first, second),
    power: (degree, u, n, order, value, first, second) =>
      power(f64, degree, u, n, order, value, first, second),
    weightedSquares: (e, weight, n) => columns.weightedSquares(f64, e, weight, n),
    gradient: (request, e, out, norms) => gradient(f64, request, e, out, norms),
    normal: (request, e, matrix) => normal(f64, request, e, matrix),
  };
}
