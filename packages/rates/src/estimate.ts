import { studentTQuantile } from "@moe-rates/math";
import { jackknifeStandardError } from "./jackknife.ts";
import type { ResampledSeries, Versions } from "./resampled-series.ts";
import { tabulatedProbabilities, tabulatedTQuantile } from "./t-quantiles.ts";

/** A number with its Monte Carlo error. */
export interface Estimate {
  readonly value: number | null;
  readonly standardError: number | null;
  readonly ci: readonly [number, number] | null;
  /** Share of studies whose interval contains the truth, 0.95 for 95 %. */
  readonly level: number;
  /** `jackknife`: delete-one, t interval. `bootstrap`: percentiles of resampled replicates (or t times their standard deviation far out). */
  readonly method: "jackknife" | "bootstrap";
}

/** A number computed from points (log n, log statistic) with weights; NaN heights take no part, `null` when it does not exist. */
export type Functional = (x: Float64Array, logs: Float64Array, weights: Float64Array) => number | null;

/** Value, standard error and interval of any functional of a series' points. Means: delete-one jackknife over whole replicates, t interval on
 *  M - 1 degrees of freedom. Quantiles: bootstrap over whole replicates, percentile interval. */
export function estimateOf(series: ResampledSeries, functional: Functional, level = 0.95): Estimate {
  const value = functional(series.x, series.logs, series.weights);
  const versions = versionsOf(series, functional);
  return uncertain(value, versions, series, level);
}

/** The same for a functional of two series with common slots (see `alignSamples`): one resample moves both. */
export function pairedEstimate(
  a: ResampledSeries,
  b: ResampledSeries,
  functional: (valueA: number, valueB: number) => number | null,
  of: Functional,
  level = 0.95,
): Estimate {
  const both = (x: number | null, y: number | null): number | null =>
    x === null || y === null ? null : functional(x, y);
  const [inA, inB] = [versionsOf(a, of), versionsOf(b, of)];
  const value = both(of(a.x, a.logs, a.weights), of(b.x, b.logs, b.weights));
  return uncertain(
    value,
    inA.map((one, v) => both(one, inB[v])),
    a,
    level,
  );
}

/** The functional of every version that measures the error of this series: delete-one versions of a mean, bootstrap versions of a quantile. */
export function versionsOf(series: ResampledSeries, functional: Functional): (number | null)[] {
  return functionalOf(series.deleted ?? series.drawn, series.x, functional);
}

/** The functional of each of some versions. */
export function functionalOf(versions: Versions, x: Float64Array, functional: Functional): (number | null)[] {
  const width = x.length;
  return Array.from({ length: versions.count }, (_, v) =>
    functional(
      x,
      versions.logs.subarray(v * width, (v + 1) * width),
      versions.weights.subarray(v * width, (v + 1) * width),
    ),
  );
}

/** Least draws beyond each end of a percentile interval; farther out the interval is value -+ t se. */
const drawsBeyond = 5;

function uncertain(
  value: number | null,
  versions: readonly (number | null)[],
  { deleted, sample }: ResampledSeries,
  level: number,
): Estimate {
  const method = deleted ? "jackknife" : "bootstrap";
  const standardError = deleted ? jackknifeStandardError(versions) : bootstrapStandardError(versions);
  const none = {
    value,
    standardError: value === null ? null : standardError,
    ci: null,
    level,
    method,
  } as const;
  const t = tQuantile((1 + level) / 2, sample.replicates.length - 1);
  if (value === null || standardError === null || t === null || sample.replicates.length < 2) return none;
  const tail = (1 - level) / 2;
  const known = versions.filter((one) => one !== null).toSorted((a, b) => a - b);
  if (deleted || tail * (known.length + 1) < drawsBeyond)
    return { ...none, ci: [value - t * standardError, value + t * standardError] };
  return { ...none, ci: [sortedQuantile(known, tail), sortedQuantile(known, 1 - tail)] };
}

function tQuantile(p: number, df: number): number | null {
  if (df < 1) return null;
  return tabulatedProbabilities.some((known) => known === p)
    ? tabulatedTQuantile(p, df)
    : studentTQuantile(p, df);
}

/** Standard deviation of bootstrap versions; `null` when more than one in twenty does not exist. */
export function bootstrapStandardError(versions: readonly (number | null)[]): number | null {
  const known = versions.filter((one) => one !== null);
  if (known.length < 2 || known.length < 0.95 * versions.length) return null;
  const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
  return Math.sqrt(known.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (known.length - 1));
}

/** Type 7 quantile of sorted numbers. */
export function sortedQuantile(sorted: readonly number[], p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const next = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + (position - below) * (next - sorted[below]);
}

/** A share of Monte Carlo draws with its binomial standard error sqrt(p (1 - p) / draws). */
export interface Share {
  readonly share: number;
  readonly standardError: number;
}

/** The share of `hits` among `draws`. */
export function shareOf(hits: number, draws: number): Share {
  const share = draws === 0 ? NaN : hits / draws;
  return { share, standardError: Math.sqrt((share * (1 - share)) / draws) };
}
