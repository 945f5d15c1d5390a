import { studentTQuantile } from "@moe-rates/math";
import { pairedEstimate, type Estimate } from "./estimate.ts";
import { logLogLine, slopeOf, type LogLogLine } from "./log-log-line.ts";
import type { Statistic } from "./loss-row.ts";
import { resampledSeries, type CountsFor, type ResampledSeries } from "./resampled-series.ts";
import { alignSamples, type SeriesSample } from "./series-sample.ts";

/** How many times the observations one fit needs for the error of another. */
export interface SampleSizeRatio {
  /** Error that both fits are asked for: the larger of their fitted errors at the largest common size. */
  readonly error: number;
  /** n at which each line reaches it. */
  readonly nA: number;
  readonly nB: number;
  /** nB / nA. */
  readonly ratio: number;
  readonly ci: readonly [number, number] | null;
  /** Whether the smaller n lies below the smallest common size. */
  readonly extrapolated: boolean;
}

/** Two fits of the same data, replicate by replicate. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly loss: string;
  readonly component: string;
  readonly statistic: Statistic;
  /** Sizes that both have. */
  readonly points: readonly {
    readonly n: number;
    /** Replicates with a loss of both fits. */
    readonly pairs: number;
    /** Mean of log(loss of b / loss of a) over the pairs, with a t interval; below 0 where b is the better one. */
    readonly meanLogRatio: Estimate;
  }[];
  /** Slope of b minus slope of a, both over the common replicates; below 0 where b learns faster. */
  readonly slopeDifference: Estimate;
  readonly sampleSizeRatio: SampleSizeRatio | null;
}

/**
 * Paired comparison of two fits: only replicates with a loss of both fits count, size by size, and one resample of replicates moves both. It is paired in truth only when both fits
 * saw the same data (common random numbers). Throws when the samples are of different losses.
 */
export function compareFits(
  a: SeriesSample,
  b: SeriesSample,
  statistic: Statistic,
  countsFor: CountsFor,
  level = 0.95,
): Comparison {
  const { loss, component } = a;
  if (b.loss !== loss || b.component !== component)
    throw new TypeError(`${loss} ${component} cannot be compared with ${b.loss} ${b.component}`);
  const pair = alignSamples(a, b, "pairs");
  const counts = countsFor(pair.a.replicates.length);
  const [left, right] = [
    resampledSeries(pair.a, statistic, counts),
    resampledSeries(pair.b, statistic, counts),
  ];
  const points = pair.a.sizes.map((n, p) => {
    const ratios = logRatios(pair.a.values[p], pair.b.values[p]);
    return { n, pairs: ratios.length, meanLogRatio: meanEstimate(ratios, level) };
  });
  return {
    a: a.design,
    b: b.design,
    loss,
    component,
    statistic,
    points,
    slopeDifference: pairedEstimate(left, right, (x, y) => y - x, slopeOf, level),
    sampleSizeRatio: sizeRatio(left, right, level),
  };
}

/** log(b / a) of every pair of positive losses; a loss of exactly 0 has no logarithm and its pair is left out. */
function logRatios(a: Float64Array, b: Float64Array): number[] {
  return Array.from(a, (value, slot) => Math.log(b[slot] / value)).filter(Number.isFinite);
}

function meanEstimate(values: readonly number[], level: number): Estimate {
  const count = values.length;
  const value = count === 0 ? null : values.reduce((sum, one) => sum + one, 0) / count;
  const none = { value, standardError: null, ci: null, level, method: "jackknife" } as const;
  if (value === null || count < 2) return none;
  const standardError = Math.sqrt(
    values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (count - 1) / count,
  );
  const reach = studentTQuantile((1 + level) / 2, count - 1) * standardError;
  return { ...none, standardError, ci: [value - reach, value + reach] };
}

function sizeRatio(a: ResampledSeries, b: ResampledSeries, level: number): SampleSizeRatio | null {
  const [lineA, lineB] = [logLogLine(a.x, a.logs, a.weights), logLogLine(b.x, b.logs, b.weights)];
  if (!lineA || !lineB || !(lineA.slope < 0) || !(lineB.slope < 0)) return null;
  const last = a.x[a.x.length - 1];
  const target = Math.max(heightAt(lineA, last), heightAt(lineB, last));
  const [nA, nB] = [(target - lineA.intercept) / lineA.slope, (target - lineB.intercept) / lineB.slope];
  const asLine = (x: Float64Array, logs: Float64Array, weights: Float64Array): number | null => {
    const line = logLogLine(x, logs, weights);
    return line && line.slope < 0 ? (target - line.intercept) / line.slope : null;
  };
  const { ci } = pairedEstimate(a, b, (x, y) => y - x, asLine, level);
  return {
    error: Math.exp(target),
    nA: Math.exp(nA),
    nB: Math.exp(nB),
    ratio: Math.exp(nB - nA),
    ci: ci && [Math.exp(ci[0]), Math.exp(ci[1])],
    extrapolated: Math.min(nA, nB) < a.x[0],
  };
}

function heightAt({ slope, intercept }: LogLogLine, x: number): number {
  return intercept + slope * x;
}
