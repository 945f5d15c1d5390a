import { tQuantileJoin } from "./jackknife-columns.ts";

/**
 * View `comparisons`: every two designs of a file, replicate by replicate; the SQL form of the points of `compareFits`.
 *
 * Columns: design_a < design_b, loss, component, n, pairs, mean_log_ratio (mean of ln(loss of b / loss of a) over the replicates with a positive loss of both), standard_error, ci_low, ci_high (t interval on pairs - 1
 * degrees of freedom). Paired in truth only where fits see the same data (common random numbers, the default).
 */
export function comparisonsView(): string {
  return `CREATE OR REPLACE VIEW comparisons AS
  WITH held AS (
    SELECT p.design, p.n, l.replicate, l.loss, l.component, ln(l.value) AS y
    FROM losses l JOIN design_points p USING (design_point)
    WHERE l.value > 0 AND l.value < 'Infinity'::DOUBLE
  ),
  ratios AS (
    SELECT a.design AS design_a, b.design AS design_b, loss, component, n, count(*)::INTEGER AS pairs,
      avg(b.y - a.y) AS mean_log_ratio, stddev_samp(b.y - a.y) / sqrt(count(*)) AS standard_error
    FROM held a JOIN held b USING (loss, component, n, replicate)
    WHERE a.design < b.design
    GROUP BY a.design, b.design, loss, component, n
  )
  SELECT design_a, design_b, loss, component, n, pairs, mean_log_ratio, standard_error,
    mean_log_ratio - t * standard_error AS ci_low, mean_log_ratio + t * standard_error AS ci_high
  FROM ratios ${tQuantileJoin("pairs")}
  ORDER BY design_a, design_b, loss, component, n`;
}

/**
 * View `sample_size_ratios`: how many times the observations of design a design b needs for the same error, from the lines of `rates`.
 *
 * Columns: design_a < design_b, loss, component, statistic, fits, error (the larger fitted error at the largest size of both), n_a, n_b, ratio = n_b / n_a. Only where both losses fall. The interval is in `rates --compare`.
 */
export function sampleSizeRatiosView(): string {
  return `CREATE OR REPLACE VIEW sample_size_ratios AS
  WITH ends AS (
    SELECT design, max(n) AS last_n FROM design_points GROUP BY design
  ),
  fallen AS (
    SELECT r.*, e.last_n FROM rates r JOIN ends e USING (design) WHERE slope < 0
  ),
  pairs AS (
    SELECT a.design AS design_a, b.design AS design_b, loss, component, statistic, fits,
      greatest(a.intercept + a.slope * ln(least(a.last_n, b.last_n)), b.intercept + b.slope * ln(least(a.last_n, b.last_n))) AS height,
      a.intercept AS intercept_a, a.slope AS slope_a, b.intercept AS intercept_b, b.slope AS slope_b
    FROM fallen a JOIN fallen b USING (loss, component, statistic, fits)
    WHERE a.design < b.design
  )
  SELECT design_a, design_b, loss, component, statistic, fits, exp(height) AS error,
    exp((height - intercept_a) / slope_a) AS n_a, exp((height - intercept_b) / slope_b) AS n_b, n_b / n_a AS ratio
  FROM pairs
  ORDER BY design_a, design_b, loss, component, statistic, fits`;
}
