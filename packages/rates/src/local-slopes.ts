import { jackknifeUncertainty, type Uncertainty } from "./jackknife.ts";
import { lossSeries, type LossPoint, type LossSeries, type SeriesKey } from "./loss-series.ts";
import type { LossRow } from "./loss-row.ts";

/** Slope between two neighbouring sample sizes. One row of the view `local_slopes`. */
export interface LocalSlopeRow extends SeriesKey, Uncertainty {
  fromN: number;
  toN: number;
  slope: number;
  /** Replicates with a used value at either size. */
  replicates: number;
}

/**
 * Local slopes (log T_b - log T_a) / (log b - log a) between neighbouring sizes a < b: constant for a power law, drifting before
 * the asymptotic regime, shrinking like 1 / log n for a logarithmic law.
 *
 * Standard error: delete-one jackknife over the whole replicates of the two sizes, as in `rateTable`. Slopes that share a size are correlated.
 * A pair in which the statistic of either size has no logarithm has no row: slopes do not bridge a gap.
 */
export function localSlopes(rows: Iterable<LossRow>): LocalSlopeRow[] {
  return lossSeries(rows).flatMap(localSlopesOf);
}

function localSlopesOf(series: LossSeries): LocalSlopeRow[] {
  const { design, k, loss, component, statistic, fits } = series;
  return series.points.slice(1).flatMap((to, index) => {
    const from = series.points[index];
    if (from.logValue === null || to.logValue === null) return [];
    const width = Math.log(to.n) - Math.log(from.n);
    const slope = (to.logValue - from.logValue) / width;
    const replicates = [...new Set([...from.without.keys(), ...to.without.keys()])];
    const withoutOne = replicates.map((replicate) => {
      const [low, high] = [logWithout(from, replicate), logWithout(to, replicate)];
      return low === null || high === null ? null : (high - low) / width;
    });
    return {
      design,
      k,
      loss,
      component,
      statistic,
      fits,
      fromN: from.n,
      toN: to.n,
      slope,
      ...jackknifeUncertainty(slope, withoutOne),
      replicates: replicates.length,
    };
  });
}

function logWithout(point: LossPoint, replicate: number): number | null {
  return point.without.has(replicate) ? point.without.get(replicate)! : point.logValue;
}
