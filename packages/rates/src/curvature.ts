import { studentTCdf } from "@moe-rates/math";
import { estimateOf, versionsOf, type Estimate, type Functional } from "./estimate.ts";
import { usable } from "./log-log-line.ts";
import type { ResampledSeries } from "./resampled-series.ts";

/** Whether the points bend away from a straight line. */
export interface Curvature {
  /** Coefficient of (log n)^2: positive where the decay slows down. */
  readonly coefficient: Estimate;
  /** Two-sided p value of "no curvature": t with M - 1 degrees of freedom for means, twice the smaller tail of the bootstrap beyond 0 for quantiles; `null` without a standard error. */
  readonly pValue: number | null;
}

/**
 * Curvature test of a power law. The coefficient of (log n)^2 in the weighted quadratic fit, c = sum w g y / sum w g^2, with g the residual of
 * (log n - centre)^2 on (1, log n) under the same weights. `first` is the index of the first size that takes part. Needs three usable sizes.
 */
export function curvature(series: ResampledSeries, first = 0, level = 0.95): Curvature {
  const term: Functional = (x, logs, weights) => quadraticTerm(x, logs, weights, first);
  const coefficient = estimateOf(series, term, level);
  const { value, standardError, method } = coefficient;
  if (value === null || standardError === null || !(standardError > 0)) return { coefficient, pValue: null };
  const degrees = series.sample.replicates.length - 1;
  const pValue =
    method === "jackknife"
      ? 2 * studentTCdf(-Math.abs(value / standardError), degrees)
      : percentilePValue(versionsOf(series, term));
  return { coefficient, pValue };
}

/** Level at which the percentile interval starts to contain 0: 2 (1 + draws on the smaller side of 0) / (1 + draws), at most 1. */
function percentilePValue(versions: readonly (number | null)[]): number {
  const known = versions.filter((one) => one !== null);
  const below = known.filter((one) => one <= 0).length;
  const above = known.filter((one) => one >= 0).length;
  return Math.min(1, (2 * (1 + Math.min(below, above))) / (1 + known.length));
}

/** Quadratic coefficient of the weighted fit through the points from index `first`; `null` with fewer than three usable ones. */
export function quadraticTerm(
  x: Float64Array,
  logs: Float64Array,
  weights: Float64Array,
  first = 0,
): number | null {
  let [points, total, centre] = [0, 0, 0];
  for (let p = first; p < x.length; p++) {
    if (!usable(logs[p], weights[p])) continue;
    points++;
    total += weights[p];
    centre += weights[p] * x[p];
  }
  if (points < 3) return null;
  centre /= total;
  let [rest, second, third] = [0, 0, 0];
  for (let p = first; p < x.length; p++) {
    if (!usable(logs[p], weights[p])) continue;
    const u = x[p] - centre;
    rest += weights[p] * u;
    second += weights[p] * u * u;
    third += weights[p] * u * u * u;
  }
  const [shift, level] = [rest / total, second / total];
  const slope = (third - shift * second) / (second - shift * rest);
  let [top, bottom] = [0, 0];
  for (let p = first; p < x.length; p++) {
    if (!usable(logs[p], weights[p])) continue;
    const u = x[p] - centre;
    const residual = u * u - level - slope * (u - shift);
    top += weights[p] * residual * logs[p];
    bottom += weights[p] * residual * residual;
  }
  return top / bottom;
}
