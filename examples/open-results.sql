-- The results of a study in DuckDB, with nothing of ours installed:  duckdb -readonly study.duckdb < examples/open-results.sql

-- Slopes with intervals, as `moe-rates rates` prints them.
SELECT d.fit, r.k, r.loss, round(r.slope, 3) AS slope, round(r.standard_error, 3) AS se, r.points
FROM rates r JOIN designs d USING (design)
WHERE r.component = 'total' AND r.statistic = 'median' AND r.fits = 'all' ORDER BY ALL;

-- The same slope by hand.
WITH medians AS (
  SELECT d.fit, p.k, l.loss, p.n, median(l.value) AS value
  FROM losses l JOIN design_points p USING (design_point) JOIN designs d USING (design)
  WHERE l.component = 'total' GROUP BY ALL
)
SELECT fit, k, loss, round(regr_slope(ln(value), ln(n)), 3) AS slope FROM medians GROUP BY ALL ORDER BY ALL;
