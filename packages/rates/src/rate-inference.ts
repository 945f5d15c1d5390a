import { burnIn, type BurnIn } from "./burn-in.ts";
import { curvature, type Curvature } from "./curvature.ts";
import { decayChoice, type DecayChoice } from "./decay-choice.ts";
import { detectableDifference } from "./detectable-difference.ts";
import { bootstrapStandardError, estimateOf, functionalOf, type Estimate } from "./estimate.ts";
import { slopeOf } from "./log-log-line.ts";
import type { Statistic } from "./loss-row.ts";
import { resampledSeries, type BootstrapCounts, type ResampledSeries } from "./resampled-series.ts";
import type { SampleKey, SeriesSample } from "./series-sample.ts";

/** Everything that the rows of one series tell about its rate. */
export interface RateInference extends SampleKey {
  readonly statistic: Statistic;
  /** Sizes with a usable statistic, ascending. */
  readonly sizes: readonly number[];
  readonly replicates: number;
  /** Jackknife for means, bootstrap for quantiles. */
  readonly slope: Estimate;
  /** Standard deviation of the slope over bootstrap samples of replicates, also for means. */
  readonly bootstrapError: number | null;
  /** Bootstrap samples behind it. */
  readonly draws: number;
  readonly curvature: Curvature;
  readonly burnIn: BurnIn | null;
  readonly decay: DecayChoice | null;
  /** Difference of slopes found with probability 0.8. */
  readonly detectable: number | null;
}

/** Slope, curvature, burn-in, model choice and detectable difference of one series. */
export function inferRate(
  sample: SeriesSample,
  statistic: Statistic,
  counts?: BootstrapCounts,
  level = 0.95,
): RateInference {
  const series = resampledSeries(sample, statistic, counts);
  const { design, k, loss, component, fits, replicates } = sample;
  const slope = estimateOf(series, slopeOf, level);
  return {
    design,
    k,
    loss,
    component,
    fits,
    statistic,
    sizes: sample.sizes.filter((_, p) => !Number.isNaN(series.logs[p])),
    replicates: replicates.length,
    slope,
    bootstrapError: bootstrapErrorOf(series),
    draws: series.drawn.count,
    curvature: curvature(series, 0, level),
    burnIn: burnIn(series, level),
    decay: decayChoice(series),
    detectable:
      slope.standardError === null
        ? null
        : detectableDifference(slope.standardError, replicates.length, { level }),
  };
}

function bootstrapErrorOf({ drawn, x }: ResampledSeries): number | null {
  return bootstrapStandardError(functionalOf(drawn, x, slopeOf));
}
