import { studentTQuantile } from "@moe-rates/math";
import { curvature, quadraticTerm } from "./curvature.ts";
import { estimateOf, functionalOf, shareOf, type Estimate, type Share } from "./estimate.ts";
import { slopeOf } from "./log-log-line.ts";
import type { ResampledSeries } from "./resampled-series.ts";

/** From which sample size on a power law is tenable. */
export interface BurnIn {
  /** First size of the tenable stretch; `null` when even the last four sizes bend. */
  readonly fromN: number | null;
  /** Sizes before it. */
  readonly dropped: number;
  /** Slope over the stretch. The stretch was chosen by looking at the data, which its interval does not know. */
  readonly slope: Estimate | null;
  /** Share of bootstrap samples that choose the same first size. */
  readonly agreement: Share;
}

const leastSizes = 4;

/**
 * Drops sample sizes from the small end until the curvature test (see `curvature`) no longer rejects at `1 - level`, keeping at least four. "Tenable" means not rejected: with a large
 * standard error everything is. `null` with fewer than four usable sizes or without standard errors.
 */
export function burnIn(series: ResampledSeries, level = 0.95): BurnIn | null {
  const usableSizes = Array.from(series.x.keys()).filter((p) => !Number.isNaN(series.logs[p]));
  const starts = usableSizes.slice(0, Math.max(0, usableSizes.length - leastSizes + 1));
  const tests = starts.map((first) => ({ first, ...curvature(series, first, level) }));
  if (tests.length === 0 || tests.some(({ pValue }) => pValue === null)) return null;
  const chosen = tests.findIndex(({ pValue }) => pValue! > 1 - level);
  const t = studentTQuantile((1 + level) / 2, series.sample.replicates.length - 1);
  const terms = tests.map(({ first, coefficient }) => ({
    draws: functionalOf(series.drawn, series.x, (x, logs, weights) => quadraticTerm(x, logs, weights, first)),
    bound: t * coefficient.standardError!,
  }));
  let agreeing = 0;
  for (let draw = 0; draw < series.drawn.count; draw++) {
    const first = terms.findIndex(({ draws, bound }) => Math.abs(draws[draw] ?? Infinity) <= bound);
    if (first === chosen) agreeing++;
  }
  const agreement = shareOf(agreeing, series.drawn.count);
  if (chosen < 0) return { fromN: null, dropped: usableSizes.length, slope: null, agreement };
  const { first } = tests[chosen];
  const slope = estimateOf(
    series,
    (x, logs, weights) => slopeOf(x.subarray(first), logs.subarray(first), weights.subarray(first)),
    level,
  );
  return { fromN: series.sample.sizes[first], dropped: chosen, slope, agreement };
}
