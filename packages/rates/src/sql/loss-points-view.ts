import { pointExpressions } from "./point-expressions.ts";
import { seriesColumns, unionOfVariants, variantColumns } from "./series-variants.ts";

/**
 * View `loss_points`: mean and median loss per sample size, the points of the log-log regression.
 *
 * Columns: design, k, loss, component, statistic, fits, n, replicates, value, log_value. `log_value` is NULL when the statistic is 0,
 * overflows or has no values; such a point takes no part in a regression.
 */
export function lossPointsView(): string {
  return `CREATE OR REPLACE VIEW loss_points AS
  WITH ${pointExpressions()},
  series_points AS (
    ${unionOfVariants(
      (variant) =>
        `SELECT ${variantColumns(variant)}, n, m_${variant.fits} AS replicates,
      value_${variant.name} AS value, log_${variant.name} AS log_value FROM points`,
    )}
  )
  SELECT * FROM series_points ORDER BY ${seriesColumns}, n`;
}
