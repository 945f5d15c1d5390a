import { jackknifeUncertainty, type Uncertainty } from "./jackknife.ts";
import { lossSeries, type LossPoint, type LossSeries, type SeriesKey } from "./loss-series.ts";
import type { LossRow } from "./loss-row.ts";
import { weightedLine, type LinePoint } from "./weighted-line.ts";

/** The empirical rate of one series: minus the `slope` is the rate exponent. One row of the view `rates`. */
export interface RateRow extends SeriesKey, Uncertainty {
  /** Slope of log statistic on log n; `null` with fewer than two usable sample sizes. */
  slope: number | null;
  /** Log statistic at n = 1 on the fitted line. */
  intercept: number | null;
  r2: number | null;
  /** Sample sizes in the regression. */
  points: number;
  /** Sample sizes in the rows; more than `points` when the statistic of some size has no logarithm or no value at all. */
  sizes: number;
  /** Replicates M: the jackknife has M - 1 degrees of freedom. */
  replicates: number;
  zeros: number;
  invalid: number;
  missing: number;
}

/**
 * Rates of every series in long rows: slope of log T_n on log n, T_n the mean or median loss over the m_n replicates of size n.
 *
 * *Weights.* w_n = m_n, the number of replicates behind the point. By the delta method Var(log T_n) is c_n / m_n, and c_n does not depend on n
 * once the loss follows its power law (loss = n^-s times a fixed distribution), so w_n is proportional to the inverse variance under the very
 * model that is fitted. Estimated variances are deliberately not used as weights: they are correlated with the heights themselves for a
 * mean, and rest on a single gap between order statistics for a median (measured in the README).
 *
 * *Standard error.* Delete-one jackknife over whole replicates: b_(-r) repeats the entire computation, weights included, without replicate r
 * at every size where it occurs; see `jackknifeStandardError`. Sizes that share draws are thereby treated as what they are.
 *
 * *Not available.* A size whose statistic has no logarithm (0, or without values) is left out of the regression, as it is in each b_(-r).
 */
export function rateTable(rows: Iterable<LossRow>): RateRow[] {
  return lossSeries(rows).map(rateOf);
}

/** The rate of one series; see `rateTable`. */
export function rateOf(series: LossSeries): RateRow {
  const { points, replicates, ...rest } = series;
  const line = weightedLine(points.map(linePoint));
  const withoutOne = replicates.map(
    (replicate) => weightedLine(points.map((point) => linePointWithout(point, replicate)))?.slope ?? null,
  );
  return {
    ...rest,
    slope: line?.slope ?? null,
    intercept: line?.intercept ?? null,
    ...jackknifeUncertainty(line?.slope ?? null, withoutOne),
    r2: line?.r2 ?? null,
    points: points.filter((point) => point.logValue !== null).length,
    sizes: points.length,
    replicates: replicates.length,
  };
}

function linePoint({ n, logValue, replicates }: LossPoint): LinePoint {
  return { x: Math.log(n), y: logValue, weight: replicates };
}

function linePointWithout(point: LossPoint, replicate: number): LinePoint {
  const without = point.without.get(replicate);
  if (without === undefined) return linePoint(point);
  return { x: Math.log(point.n), y: without, weight: point.replicates - 1 };
}
