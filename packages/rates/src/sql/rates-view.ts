import { jackknifeError, tQuantileJoin } from "./jackknife-columns.ts";
import { leaveOneOutExpression, pointExpressions } from "./point-expressions.ts";
import {
  perFits,
  perVariant,
  seriesColumns,
  unionOfVariants,
  variantColumns,
  type SeriesVariant,
} from "./series-variants.ts";

/**
 * View `rates`: the weighted log-log regression of every series with its whole-replicate jackknife; the SQL form of `rateTable`.
 *
 * Columns: design, k, loss, component, statistic, fits, slope, intercept, standard_error, ci_low, ci_high, r2, points, sizes, replicates,
 * zeros, invalid, missing.
 *
 * Each b_(-r) comes from five sums about a fixed centre (weights, x, y, x^2, xy): those of the whole series plus what the rows of
 * replicate r change, so the work is linear in the loss rows. Counts and weights are integers, hence exact.
 */
export function ratesView(): string {
  return `CREATE OR REPLACE VIEW rates AS
  WITH ${pointExpressions()},
  centres AS (
    SELECT series, avg(ln(n)) AS x0, ${perVariant(({ name }) => `avg(log_${name}) AS y0_${name}`)} FROM points GROUP BY series
  ),
  ${leaveOneOutExpression("series, n")},
  sums AS (
    SELECT series, design, k, loss, component, x0, count(*) AS sizes,
      ${perFits((fits) => `sum(rows_${fits}) AS rows_${fits}, sum(zeros_${fits}) AS zeros_${fits}, sum(invalid_${fits}) AS invalid_${fits}`)},
      ${perVariant(seriesSums)}
    FROM (SELECT *, ln(n) - x0 AS x FROM points JOIN centres USING (series))
    GROUP BY series, design, k, loss, component, x0
  ),
  changes AS (
    SELECT series, replicate, ${perFits((fits) => `bool_or(used_${fits}) AS used_${fits}`)},
      ${perVariant(replicateChanges)}
    FROM (SELECT *, ln(n) - x0 AS x FROM leave_one_out JOIN centres USING (series))
    GROUP BY series, replicate
  ),
  deletions AS (
    SELECT series, ${perFits((fits) => `used_${fits}`)}, ${perVariant(deletedSlope)}
    FROM changes JOIN sums USING (series)
  ),
  spread AS (
    SELECT series, count(*) AS seen, ${perFits((fits) => `count_if(used_${fits}) AS replicates_${fits}`)},
      ${perVariant(({ name, fits }) => `${jackknifeError(`b_${name}`, `used_${fits}`)} AS se_${name}`)}
    FROM deletions GROUP BY series
  ),
  lines AS (
    ${unionOfVariants((v) => `SELECT ${variantColumns(v)}, x0, ${lineColumns(v)} FROM sums JOIN spread USING (series)`)}
  ),
  fitted AS (
    SELECT *, CASE WHEN points >= 2 THEN sxy / sxx END AS slope,
      CASE WHEN points >= 2 AND syy > 1e-24 * weight THEN sxy ** 2 / (sxx * syy) END AS r2
    FROM lines
  )
  SELECT ${seriesColumns}, slope, y_mean - slope * (x0 + x_mean) AS intercept, CASE WHEN slope IS NOT NULL THEN se END AS standard_error,
    slope - t * standard_error AS ci_low, slope + t * standard_error AS ci_high, r2,
    points::INTEGER AS points, sizes::INTEGER AS sizes, replicates::INTEGER AS replicates,
    zeros::INTEGER AS zeros, invalid::INTEGER AS invalid, missing::INTEGER AS missing
  FROM fitted ${tQuantileJoin("replicates")}
  ORDER BY ${seriesColumns}`;
}

function seriesSums({ name, fits }: SeriesVariant): string {
  const [w, y] = [`m_${fits}`, `(log_${name} - y0_${name})`];
  const usable = `FILTER (log_${name} IS NOT NULL)`;
  return `any_value(y0_${name}) AS y0_${name}, count(log_${name}) AS points_${name}, coalesce(sum(${w}) ${usable}, 0) AS w_${name},
      sum(${w} * x) ${usable} AS x_${name}, sum(${w} * ${y}) AS y_${name}, sum(${w} * x * x) ${usable} AS xx_${name},
      sum(${w} * x * ${y}) AS xy_${name}, sum(${w} * ${y} * ${y}) AS yy_${name}`;
}

/** What leaving out a replicate changes in the sums: its new share (weight m - 1, log without it) minus the old (weight m, log with it). */
function replicateChanges({ name, fits }: SeriesVariant): string {
  const used = `FILTER (used_${fits})`;
  const after = `CASE WHEN without_${name} IS NULL THEN 0 ELSE m_${fits} - 1 END`;
  const before = `CASE WHEN log_${name} IS NULL THEN 0 ELSE m_${fits} END`;
  const dw = `(${after} - ${before})`;
  const dy = `(coalesce((m_${fits} - 1) * (without_${name} - y0_${name}), 0) - coalesce(m_${fits} * (log_${name} - y0_${name}), 0))`;
  return `sum((without_${name} IS NOT NULL)::INTEGER - (log_${name} IS NOT NULL)::INTEGER) ${used} AS dpoints_${name},
      sum(${dw}) ${used} AS dw_${name}, sum(${dw} * x) ${used} AS dx_${name}, sum(${dw} * x * x) ${used} AS dxx_${name},
      sum(${dy}) ${used} AS dy_${name}, sum(x * ${dy}) ${used} AS dxy_${name}`;
}

function deletedSlope({ name: v }: SeriesVariant): string {
  const [w, x, y] = [`(w_${v} + dw_${v})`, `(x_${v} + dx_${v})`, `(y_${v} + dy_${v})`];
  return `CASE WHEN points_${v} + dpoints_${v} >= 2
        THEN ((xy_${v} + dxy_${v}) - ${x} * ${y} / ${w}) / ((xx_${v} + dxx_${v}) - ${x} ** 2 / ${w}) END AS b_${v}`;
}

function lineColumns({ name: v, fits }: SeriesVariant): string {
  return `points_${v} AS points, w_${v} AS weight, x_${v} / w_${v} AS x_mean, y0_${v} + y_${v} / w_${v} AS y_mean,
      xx_${v} - x_${v} ** 2 / w_${v} AS sxx, xy_${v} - x_${v} * y_${v} / w_${v} AS sxy, yy_${v} - y_${v} ** 2 / w_${v} AS syy,
      se_${v} AS se, sizes, replicates_${fits} AS replicates, zeros_${fits} AS zeros, invalid_${fits} AS invalid,
      sizes * seen - rows_${fits} AS missing`;
}
