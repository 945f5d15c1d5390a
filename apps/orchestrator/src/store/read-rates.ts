import { readRateRow } from "@moe-rates/rates";
import type { RateRow } from "@moe-rates/rates";
import { rowObjects } from "./query-result.ts";
import type { QueryResult } from "./query-result.ts";

/** A rate with the name of the fit it belongs to. */
export interface NamedRate extends RateRow {
  readonly fit: string;
}

/** The view `rates`, ordered for reading. */
export const ratesSql =
  "SELECT fit, rates.* FROM rates JOIN designs USING (design) ORDER BY fit, rates.k, design, loss, component = 'total' DESC, component, statistic, fits";

/** Rates out of the result of `ratesSql`. */
export async function readRates(result: QueryResult): Promise<NamedRate[]> {
  return (await rowObjects(result)).map((record) => ({ fit: String(record["fit"]), ...readRateRow(record) }));
}
