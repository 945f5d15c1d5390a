import type { RateRow } from "./rate-table.ts";
import type { Fits, Statistic } from "./loss-row.ts";

/** One record of the view `rates` (column names as in SQL; integers may be bigint) as the row that `rateTable` gives. */
export function readRateRow(record: Record<string, unknown>): RateRow {
  const low = numberOrNull(record["ci_low"]);
  const high = numberOrNull(record["ci_high"]);
  return {
    design: String(record["design"]),
    k: Number(record["k"]),
    loss: String(record["loss"]),
    component: String(record["component"]),
    statistic: record["statistic"] as Statistic,
    fits: record["fits"] as Fits,
    slope: numberOrNull(record["slope"]),
    intercept: numberOrNull(record["intercept"]),
    standardError: numberOrNull(record["standard_error"]),
    ci: low === null || high === null ? null : [low, high],
    r2: numberOrNull(record["r2"]),
    points: Number(record["points"]),
    sizes: Number(record["sizes"]),
    replicates: Number(record["replicates"]),
    zeros: Number(record["zeros"]),
    invalid: Number(record["invalid"]),
    missing: Number(record["missing"]),
  };
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
