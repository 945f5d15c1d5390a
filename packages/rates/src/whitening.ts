import { symmetricEigen } from "@moe-rates/math";
import type { ResampledSeries } from "./resampled-series.ts";

/** Variance of a log statistic that counts as none: rounding. */
const leastVariance = 1e-20;

/**
 * Covariance of the points of a series (row-major, for the sizes at the indices `at`), from its bootstrap over whole replicates, drawn towards its diagonal: off-diagonal entries times
 * 1 - P / (P + M - 1) for P sizes and M replicates, because a P x P covariance out of M replicates is noisy in its smallest directions.
 * `null` when a size has no spread, or no log statistic in more than one draw of twenty.
 */
export function pointCovariance(
  { drawn, x, sample }: ResampledSeries,
  at: readonly number[],
): Float64Array | null {
  const size = at.length;
  const rows: number[][] = [];
  for (let draw = 0; draw < drawn.count; draw++) {
    const row = at.map((p) => drawn.logs[draw * x.length + p]);
    if (!row.some(Number.isNaN)) rows.push(row);
  }
  if (rows.length < 0.95 * drawn.count || rows.length < 2) return null;
  const mean = at.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const kept = 1 - size / (size + sample.replicates.length - 1);
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const product = rows.reduce((sum, row) => sum + (row[i] - mean[i]) * (row[j] - mean[j]), 0);
      covariance[i * size + j] = ((i === j ? 1 : kept) * product) / (rows.length - 1);
    }
  }
  return at.every((_, i) => covariance[i * size + i] > leastVariance) ? covariance : null;
}

/** A function that turns a vector with this covariance into one with unit covariance, Lambda^(-1/2) V'y; `null` for a singular matrix. */
export function whitener(
  covariance: Float64Array,
  size: number,
): ((vector: ArrayLike<number>) => Float64Array) | null {
  const { values, vectors } = symmetricEigen(covariance, size);
  if (!(values[0] > 1e-12 * values[size - 1])) return null;
  return (vector) => {
    const out = new Float64Array(size);
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += vectors[i * size + j] * vector[i];
      out[j] = sum / Math.sqrt(values[j]);
    }
    return out;
  };
}
