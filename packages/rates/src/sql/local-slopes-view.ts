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
 * View `local_slopes`: slopes between neighbouring sample sizes with their whole-replicate jackknife; the SQL form of `localSlopes`.
 *
 * Columns: design, k, loss, component, statistic, fits, from_n, to_n, slope, standard_error, ci_low, ci_high, replicates.
 * A pair in which the statistic of either size has no logarithm has no row.
 */
export function localSlopesView(): string {
  return `CREATE OR REPLACE VIEW local_slopes AS
  WITH ${pointExpressions()},
  neighbours AS (
    SELECT *, n AS from_n, lead(n) OVER sizes AS to_n, ${perVariant(({ name }) => `lead(log_${name}) OVER sizes - log_${name} AS rise_${name}`)}
    FROM points WINDOW sizes AS (PARTITION BY series ORDER BY n)
  ),
  pairs AS (
    SELECT * FROM neighbours WHERE to_n IS NOT NULL
  ),
  ${leaveOneOutExpression("point, series")},
  moves AS (
    SELECT point AS pair, -1 AS side, * FROM leave_one_out
    UNION ALL
    SELECT point - 1 AS pair, 1 AS side, * FROM leave_one_out
  ),
  changes AS (
    SELECT pair, replicate, ${perFits((fits) => `bool_or(used_${fits}) AS used_${fits}`)}, ${perVariant(pairChange)}
    FROM moves GROUP BY pair, replicate
  ),
  spread AS (
    SELECT pair, ${perFits((fits) => `count_if(used_${fits}) AS replicates_${fits}`)},
      ${perVariant(({ name, fits }) => `${jackknifeError(`change_${name}`, `used_${fits}`)} AS se_${name}`)}
    FROM changes GROUP BY pair
  ),
  slopes AS (
    ${unionOfVariants(
      (
        v,
      ) => `SELECT ${variantColumns(v)}, from_n, to_n, ln(to_n) - ln(from_n) AS width, rise_${v.name} / width AS slope,
      se_${v.name} / width AS standard_error, replicates_${v.fits} AS replicates
    FROM pairs JOIN spread ON pairs.point = spread.pair WHERE rise_${v.name} IS NOT NULL`,
    )}
  )
  SELECT ${seriesColumns}, from_n, to_n, slope, standard_error,
    slope - t * standard_error AS ci_low, slope + t * standard_error AS ci_high, replicates::INTEGER AS replicates
  FROM slopes ${tQuantileJoin("replicates")}
  ORDER BY ${seriesColumns}, from_n`;
}

/** Change of the rise when a replicate is left out; NULL when the statistic of a size it occurs at has no log without it. */
function pairChange({ name, fits }: SeriesVariant): string {
  const used = `FILTER (used_${fits})`;
  const shift = `(without_${name} - log_${name})`;
  return `CASE WHEN count(${shift}) ${used} = count(*) ${used} THEN sum(side * ${shift}) ${used} END AS change_${name}`;
}
