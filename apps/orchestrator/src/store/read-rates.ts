import { readRateRow } from "@moe-rates/rates";
import type { LabelledRate, RateRow } from "@moe-rates/rates";
import { rowObjects } from "./query-result.ts";
import type { QueryResult } from "./query-result.ts";

/** A rate with the name of its fit and what is known about the fits of its design, all replicates counted. */
export type NamedRate = RateRow & Required<Pick<LabelledRate, "fit" | "local" | "certifiedShare">>;

/** The view `rates`, ordered for reading. */
export const ratesSql = `WITH labels AS (
    SELECT design, coalesce(sum(local), 0) > 0 AS local, sum(certified) / nullif(sum(replicates), 0) AS certified_share
    FROM convergence GROUP BY design
  )
  SELECT fit, labels.local, labels.certified_share, rates.* FROM rates JOIN designs USING (design) JOIN labels USING (design)
  ORDER BY fit, rates.k, design, loss, component = 'total' DESC, component, statistic, fits`;

/** Rates out of the result of `ratesSql`. */
export async function readRates(result: QueryResult): Promise<NamedRate[]> {
  return (await rowObjects(result)).map((record) => ({
    fit: String(record["fit"]),
    ...readRateRow(record),
    local: record["local"] === true,
    certifiedShare: record["certified_share"] === null ? null : Number(record["certified_share"]),
  }));
}
