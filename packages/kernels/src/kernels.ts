import type { Memory } from "./memory.ts";

/** One-argument functions with two derivatives that a kernel evaluates over a column. `gelu` is the exact one, u Phi(u). */
export type Activation = "tanh" | "logistic" | "gelu" | "relu";

/** A term of the structured normal equations: every Jacobian column of channel c is (scalar column of c) x (basis column). */
export interface Channel {
  /** First and number of basis columns: columns `basis .. basis + terms - 1` of the block's basis pool. */
  readonly basis: number;
  readonly terms: number;
  /** Index of the channel's first parameter. */
  readonly parameter: number;
}

/** float64 block kernels. All arguments named by a column are addresses in `memory.f64`; a column is `n` consecutive doubles,
 *  `n` at most BLOCK. Outputs may not overlap inputs unless said. */
export interface Kernels {
  readonly name: "reference" | "simd";
  readonly memory: Memory;
  /** out_i = sum_t coefficients_t columns_{t, i}, with column t at `columns + t * stride`. */
  affine(out: number, columns: number, stride: number, terms: number, coefficients: number, n: number): void;
  /** out_i = value. */
  fill(out: number, value: number, n: number): void;
  /** out_i = a_i b_i; out may equal a or b. */
  multiply(out: number, a: number, b: number, n: number): void;
  /** out_i = out_i + a_i b_i. */
  multiplyAdd(out: number, a: number, b: number, n: number): void;
  /** out_i = a_i - b_i; out may equal a or b. */
  subtract(out: number, a: number, b: number, n: number): void;
  /** out_i = (a_i - b_i) c_i; out may equal a, b or c. */
  multiplyDifference(out: number, a: number, b: number, c: number, n: number): void;
  /** out_i = base_i - a_i b_i, 0 - a_i b_i with `base` -1; out may equal any of them. */
  subtractProduct(out: number, base: number, a: number, b: number, n: number): void;
  /** out_i = (base_i - a_i b_i) - c_i d_i, (0 - a_i b_i) - c_i d_i with `base` -1; out may equal any of them. */
  subtractProducts(out: number, base: number, a: number, b: number, c: number, d: number, n: number): void;
  /** out_i = sum_j a_{j, i} b_{j, i} over `count` >= 1 pairs of columns from left to right; column j at `a + j * stride` and `b + j * stride`. */
  sumOfProducts(out: number, a: number, b: number, stride: number, count: number, n: number): void;
  /** out_i = factor a_i; out may equal a. */
  scale(out: number, a: number, factor: number, n: number): void;
  /** out_i = exp(a_i); out may equal a. */
  exp(out: number, a: number, n: number): void;
  /** Columns p_j = exp(s_j - max_l s_l) / sum_l exp(s_l - max_l s_l), j < k; column j at address + j * stride. p may equal s. */
  softmax(p: number, s: number, stride: number, k: number, n: number): void;
  /** value = phi(u), first = phi'(u), second = phi''(u); `order` (0, 1, 2) says how many of them are written. value may equal u. */
  activation(
    kind: Activation,
    u: number,
    n: number,
    order: number,
    value: number,
    first: number,
    second: number,
  ): void;
  /** value = u^degree with its first and second derivative, degree >= 1. */
  power(
    degree: number,
    u: number,
    n: number,
    order: number,
    value: number,
    first: number,
    second: number,
  ): void;
  /** Compensated sum of weight_i e_i^2. Rows of weight 0 add exactly 0 here and in the two kernels below, whatever they hold. */
  weightedSquares(e: number, weight: number, n: number): number;
  /** gradient[parameter + t] += sum_i weight_i e_i scalar_i basis_{t, i} over all channels, and when `norms` is not negative
   *  norms[parameter + t] += sum_i weight_i (scalar_i basis_{t, i})^2. `scalars` holds the channels' columns BLOCK apart. */
  gradient(request: NormalRequest, e: number, gradient: number, norms: number): void;
  /** matrix[p][q] += sum_i weight_i (s_c s_d + e_i f_cd)_i basis_{t, i} basis_{u, i} for the channel pairs of the request:
   *  upper triangle (p <= q) of the row-major `dimension` x `dimension` matrix. Without curvature columns (address -1) only s_c s_d. */
  normal(request: NormalRequest, e: number, matrix: number): void;
}

/** Everything of a normal-equation update that does not change from block to block. */
export interface NormalRequest {
  readonly channels: readonly Channel[];
  readonly dimension: number;
  /** Address of the channels' scalar columns, BLOCK apart. */
  readonly scalars: number;
  /** For the pair (c <= d), at index c * channels.length + d: address of the curvature column f_cd, or -1 where it vanishes. */
  readonly curvature: Int32Array;
  /** Address of the basis columns of the current block (BLOCK apart), `columns` of them. Changes from block to block. */
  basis: number;
  readonly columns: number;
  /** Address of the weight column of the current block. Changes from block to block. */
  weight: number;
  /** Scratch: moment columns and a pair column, at least (columns * (columns + 1) / 2 + 2) * BLOCK doubles. */
  readonly scratch: number;
}
