/**
 * View `error_split`: what optimisation adds to the statistical error, size by size.
 *
 * Columns: design, k, loss, component, statistic, n, value_all, value_certified, log_ratio = ln(value_all / value_certified), certified_share,
 * tightened_change_median, tightened_change_max (sum of squares gained by ten times tighter tolerances, in the units of the store). `log_ratio` is
 * NULL where either statistic has no logarithm. Its interval, and that of the change of slope, come from `errorSplit`.
 */
export function errorSplitView(): string {
  return `CREATE OR REPLACE VIEW error_split AS
  WITH search AS (
    SELECT p.design, p.n, count(*) FILTER (r.certified) / count(*) AS certified_share,
      median(r.tightened_change) AS tightened_change_median, max(r.tightened_change) AS tightened_change_max
    FROM replicates r JOIN design_points p USING (design_point)
    GROUP BY p.design, p.n
  )
  SELECT a.design, a.k, a.loss, a.component, a.statistic, a.n, a.value AS value_all, c.value AS value_certified,
    a.log_value - c.log_value AS log_ratio, s.certified_share, s.tightened_change_median, s.tightened_change_max
  FROM loss_points a
  JOIN loss_points c USING (design, k, loss, component, statistic, n)
  LEFT JOIN search s USING (design, n)
  WHERE a.fits = 'all' AND c.fits = 'certified'
  ORDER BY a.design, a.k, a.loss, a.component, a.statistic, a.n`;
}
