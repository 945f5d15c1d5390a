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
  const degrees = series.sample.replicates.length - 1;
  const t = studentTQuantile((1 + level) / 2, degrees);
  // Draws that reject every stretch so far, and would choose the next one that they do not reject.
  let rejecting = new Set(Array.from({ length: series.drawn.count }, (_, draw) => draw));
  let [chosen, agreeing] = [-1, 0];
  for (const [index, first] of starts.entries()) {
    const { coefficient, pValue } = curvature(series, first, level);
    if (pValue === null) return null;
    const terms = functionalOf(series.drawn, series.x, (x, logs, weights) =>
      quadraticTerm(x, logs, weights, first),
    );
    const bound = t * coefficient.standardError!;
    const still = new Set([...rejecting].filter((draw) => !(Math.abs(terms[draw] ?? Infinity) <= bound)));
    agreeing = rejecting.size - still.size;
    rejecting = still;
    if (pValue > 1 - level) {
      chosen = index;
      break;
    }
  }
  if (starts.length === 0) return null;
  if (chosen < 0) agreeing = rejecting.size;
  const agreement = shareOf(agreeing, series.drawn.count);
  if (chosen < 0) return { fromN: null, dropped: usableSizes.length, slope: null, agreement };
  const first = starts[chosen];
  const slope = estimateOf(
    series,
    (x, logs, weights) => slopeOf(x.subarray(first), logs.subarray(first), weights.subarray(first)),
    level,
  );
  return { fromN: series.sample.sizes[first], dropped: chosen, slope, agreement };
}
