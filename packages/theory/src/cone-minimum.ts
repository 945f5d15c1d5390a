import { createSolver, residualProblem } from "@moe-rates/estimators";
import type { Stream } from "@moe-rates/math";

/** A quadratic map of matrices: sum over s <= t of M_st times a vector, M symmetric. */
export interface QuadraticMap {
  /** Rows and columns of M. */
  readonly size: number;
  /** Image of the entry (s, t), s <= t, off-diagonal ones counted for both places; row-major order of the upper triangle. */
  readonly images: readonly Float64Array[];
}

/** Squared norms up to this are zero to rounding. */
const ZERO = 1e-24;

/** The least norm found, and where. */
export interface ConeMinimum {
  readonly norm: number;
  /** `factors[j]` is V_j of M_j = V_j V_j', size x rank row-major; sum of squares over all of them 1. */
  readonly factors: readonly Float64Array[];
}

/**
 * min || sum_j L_j(V_j V_j') || over V_j of the given ranks with sum_j ||V_j||_F^2 = 1: nonnegative, and zero exactly when some joint
 * positive semidefinite M of these ranks, trace 1, is mapped to zero. Solved as nonlinear least squares in V / ||V|| from the
 * `preferred` points (V_1, V_2, .. one after another), every coordinate axis and `starts` random points; among zeros the first is returned.
 */
export function coneMinimum(
  maps: readonly QuadraticMap[],
  ranks: readonly number[],
  random: Stream,
  {
    starts = 12,
    preferred = [],
  }: { readonly starts?: number; readonly preferred?: readonly Float64Array[] } = {},
): ConeMinimum {
  const height = maps[0].images[0]?.length ?? 0;
  const offsets: number[] = [];
  let dimension = 0;
  maps.forEach((map, j) => {
    offsets.push(dimension);
    dimension += map.size * ranks[j];
  });
  const evaluate = (u: Float64Array, out: Float64Array, jacobian: Float64Array | null): void => {
    out.fill(0);
    jacobian?.fill(0);
    let square = 0;
    for (const value of u) square += value * value;
    maps.forEach(({ size, images }, j) => {
      const rank = ranks[j];
      for (let s = 0, at = 0; s < size; s++) {
        for (let t = s; t < size; t++, at++) {
          const image = images[at];
          let entry = 0;
          for (let c = 0; c < rank; c++) entry += u[offsets[j] + s * rank + c] * u[offsets[j] + t * rank + c];
          for (let row = 0; row < height; row++) out[row] += (entry / square) * image[row];
          if (!jacobian) continue;
          for (let c = 0; c < rank; c++) {
            const [left, right] = [offsets[j] + s * rank + c, offsets[j] + t * rank + c];
            for (let row = 0; row < height; row++) {
              jacobian[row * dimension + left] += (u[right] / square) * image[row];
              jacobian[row * dimension + right] += (u[left] / square) * image[row];
            }
          }
        }
      }
    });
    if (!jacobian) return;
    for (let row = 0; row < height; row++)
      for (let i = 0; i < dimension; i++) jacobian[row * dimension + i] -= (2 * u[i] * out[row]) / square;
  };
  const solver = createSolver(
    residualProblem({
      dimension,
      residualCount: height,
      residuals: (u, out) => evaluate(u, out, null),
      jacobian: (u, out) => evaluate(u, new Float64Array(height), out),
    }),
  );
  const points = [
    ...preferred,
    ...Array.from({ length: dimension }, (_, i) =>
      Float64Array.from({ length: dimension }, (_, l) => (l === i ? 1 : 0)),
    ),
    ...Array.from({ length: starts }, () => Float64Array.from({ length: dimension }, () => random.normal())),
  ];
  let best: { sse: number; theta: Float64Array } = { sse: Infinity, theta: points[0] };
  for (const start of points) {
    const options = {
      gaussNewtonSteps: Infinity,
      maxIterations: 300,
      cosineTolerance: 1e-9,
      noiseVariance: 1e-32,
    };
    const found = solver.solve(start, options);
    if (found.sse < best.sse && !(best.sse <= ZERO)) best = found;
  }
  const length = Math.hypot(...best.theta);
  const unit = best.theta.map((value) => value / length);
  return {
    norm: Math.sqrt(Math.max(0, best.sse)),
    factors: maps.map(({ size }, j) => unit.slice(offsets[j], offsets[j] + size * ranks[j])),
  };
}
