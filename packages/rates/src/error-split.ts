import { pairedEstimate, type Estimate } from "./estimate.ts";
import { slopeOf } from "./log-log-line.ts";
import type { Statistic } from "./loss-row.ts";
import { resampledSeries, type CountsFor } from "./resampled-series.ts";
import { alignSamples, type SeriesSample } from "./series-sample.ts";

/** The error of all fits against that of the certified ones: what optimisation adds to the statistical error. */
export interface ErrorSplit {
  /** Slope over all fits minus slope over certified fits; 0 within its interval means that optimisation does not bend the rate. */
  readonly slopeChange: Estimate;
  /** log(statistic of all fits / statistic of certified fits), size by size. */
  readonly points: readonly {
    readonly n: number;
    readonly logRatio: Estimate;
    readonly certified: number;
    readonly all: number;
  }[];
}

/**
 * Splits the error of a series by comparing all fits with the certified ones under the same resamples of replicates. Fits that are certified but harder to certify where the loss is
 * large are selected: the difference is an upper estimate of the optimisation error when uncertified fits are the worse ones by nature.
 */
export function errorSplit(
  all: SeriesSample,
  certified: SeriesSample,
  statistic: Statistic,
  countsFor: CountsFor,
  level = 0.95,
): ErrorSplit {
  const aligned = alignSamples(all, certified, "union");
  const counts = countsFor(aligned.a.replicates.length);
  const [a, b] = [
    resampledSeries(aligned.a, statistic, counts),
    resampledSeries(aligned.b, statistic, counts),
  ];
  const minus = (x: number, y: number): number => x - y;
  const points = aligned.a.sizes.map((n, p) => ({
    n,
    logRatio: pairedEstimate(a, b, minus, (_, logs) => (Number.isNaN(logs[p]) ? null : logs[p]), level),
    certified: b.weights[p],
    all: a.weights[p],
  }));
  return { slopeChange: pairedEstimate(a, b, minus, slopeOf, level), points };
}
