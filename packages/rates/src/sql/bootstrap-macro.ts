/**
 * Table macro `bootstrap_rates(of_loss, of_component, level, draws)`: slopes of the `level` quantile of a loss with their bootstrap over whole replicates, in plain SQL.
 *
 * One row per design: design, k, loss, component, level, slope, standard_error, ci_low, ci_high, draws, replicates. Slot i of draw b holds the replicate number
 * md5_number_lower('moe-rates bootstrap M b i') mod M of the M replicates in ascending order: a keyed draw, the same in every DuckDB, for every series with as many replicates. A draw repeats the whole computation: quantiles
 * at every size (linear interpolation), logs, the line weighted by counts. Sizes whose quantile is zero are left out, as in `rates`. Means need no bootstrap: `rates` has their jackknife.
 */
export function bootstrapMacro(): string {
  return `CREATE OR REPLACE MACRO bootstrap_rates(of_loss, of_component, level, draws) AS TABLE
  WITH held AS (
    SELECT p.design, p.k, p.n, l.replicate, l.value
    FROM losses l JOIN design_points p USING (design_point)
    WHERE l.loss = of_loss AND l.component = of_component AND l.value >= 0 AND l.value < 'Infinity'::DOUBLE
  ),
  members AS (
    SELECT design, replicate, row_number() OVER (PARTITION BY design ORDER BY replicate) - 1 AS slot
    FROM (SELECT DISTINCT design, replicate FROM held)
  ),
  counts AS (
    SELECT design, count(*) AS m FROM members GROUP BY design
  ),
  drawn AS (
    SELECT design, draw, unnest(list_transform(range(m),
      lambda i: (md5_number_lower('moe-rates bootstrap ' || m || ' ' || draw || ' ' || i) % m)::BIGINT)) AS slot
    FROM counts, (SELECT unnest(range(draws)) AS draw)
  ),
  samples AS (
    SELECT design, k, n, value, -1 AS draw FROM held
    UNION ALL
    SELECT h.design, h.k, h.n, h.value, d.draw FROM drawn d JOIN members USING (design, slot) JOIN held h USING (design, replicate)
  ),
  points AS (
    SELECT design, k, draw, ln(n) AS x, count(*) AS w, quantile_cont(value, level) AS q FROM samples GROUP BY design, k, draw, n
  ),
  centred AS (
    SELECT *, ln(q) AS y, sum(w * x) OVER line / sum(w) OVER line AS x0, sum(w * ln(q)) OVER line / sum(w) OVER line AS y0
    FROM points WHERE q > 0 WINDOW line AS (PARTITION BY design, draw)
  ),
  slopes AS (
    SELECT design, k, draw, CASE WHEN count(*) >= 2 THEN sum(w * (x - x0) * (y - y0)) / sum(w * (x - x0) ** 2) END AS b
    FROM centred GROUP BY design, k, draw
  )
  SELECT design, k, of_loss AS loss, of_component AS component, level, any_value(b) FILTER (draw = -1) AS slope,
    stddev_samp(b) FILTER (draw >= 0) AS standard_error, quantile_cont(b, 0.025) FILTER (draw >= 0) AS ci_low,
    quantile_cont(b, 0.975) FILTER (draw >= 0) AS ci_high, count(b) FILTER (draw >= 0)::INTEGER AS draws,
    any_value(m)::INTEGER AS replicates
  FROM slopes JOIN counts USING (design)
  GROUP BY design, k
  ORDER BY design, k`;
}
