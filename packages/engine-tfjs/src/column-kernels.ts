import { erf, logistic } from "@moe-rates/math";

/** out_i = f(a_i, b_i, c_i) over n doubles; unused arguments repeat the first. */
export type ColumnKernel = (
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  n: number,
) => void;

const map =
  (f: (a: number, b: number, c: number) => number): ColumnKernel =>
  (out, a, b, c, n) => {
    for (let i = 0; i < n; i++) out[i] = f(a[i], b[i], c[i]);
  };

/** An elementwise operation of TensorFlow.js: the names of its inputs and its values in float64. */
export interface ElementwiseKernel {
  readonly inputs: readonly string[];
  readonly column: ColumnKernel;
}

const unary = (f: (x: number) => number): ElementwiseKernel => ({ inputs: ["x"], column: map(f) });
const binary = (f: (a: number, b: number) => number): ElementwiseKernel => ({
  inputs: ["a", "b"],
  column: map(f),
});
const truth = (f: (a: number, b: number) => boolean) => binary((a, b) => (f(a, b) ? 1 : 0));

/** The operations that work element by element, by the names of their kernels. */
export const elementwiseKernels: Readonly<Record<string, ElementwiseKernel>> = {
  Add: {
    inputs: ["a", "b"],
    column(out, a, b, _, n) {
      for (let i = 0; i < n; i++) out[i] = a[i] + b[i];
    },
  },
  Sub: {
    inputs: ["a", "b"],
    column(out, a, b, _, n) {
      for (let i = 0; i < n; i++) out[i] = a[i] - b[i];
    },
  },
  Multiply: {
    inputs: ["a", "b"],
    column(out, a, b, _, n) {
      for (let i = 0; i < n; i++) out[i] = a[i] * b[i];
    },
  },
  RealDiv: {
    inputs: ["a", "b"],
    column(out, a, b, _, n) {
      for (let i = 0; i < n; i++) out[i] = a[i] / b[i];
    },
  },
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  Pow: binary((a, b) => a ** b),
  Atan2: binary(Math.atan2),
  SquaredDifference: binary((a, b) => (a - b) * (a - b)),
  Greater: truth((a, b) => a > b),
  GreaterEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessEqual: truth((a, b) => a <= b),
  LogicalAnd: truth((a, b) => a !== 0 && b !== 0),
  LogicalOr: truth((a, b) => a !== 0 || b !== 0),
  LogicalNot: unary((x) => (x === 0 ? 1 : 0)),
  Select: { inputs: ["condition", "t", "e"], column: map((condition, t, e) => (condition !== 0 ? t : e)) },
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Square: unary((x) => x * x),
  Sqrt: unary(Math.sqrt),
  Rsqrt: unary((x) => 1 / Math.sqrt(x)),
  Reciprocal: unary((x) => 1 / x),
  Exp: unary(Math.exp),
  Expm1: unary(Math.expm1),
  Log: unary(Math.log),
  Log1p: unary(Math.log1p),
  Softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Sigmoid: unary(logistic),
  Erf: unary(erf),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Tan: unary(Math.tan),
  Asin: unary(Math.asin),
  Acos: unary(Math.acos),
  Atan: unary(Math.atan),
  Sinh: unary(Math.sinh),
  Cosh: unary(Math.cosh),
  Tanh: unary(Math.tanh),
  Asinh: unary(Math.asinh),
  Acosh: unary(Math.acosh),
  Atanh: unary(Math.atanh),
  Relu: unary((x) => Math.max(x, 0)),
  Step: unary((x) => (x > 0 ? 1 : 0)),
};
