import type { DuckDBConnection } from "@duckdb/node-api";
import type { StoredFit } from "../pool/worker-protocol.ts";
import { select } from "./select.ts";

/** Stored fits of a design that lack a loss, by the set of losses they lack. */
export async function readMissingLosses(
  connection: DuckDBConnection,
  design: string,
  losses: readonly string[],
): Promise<{ losses: string[]; fits: StoredFit[] }[]> {
  const groups = new Map<string, { losses: string[]; fits: StoredFit[] }>();
  for (const row of await lacking(connection, design, losses)) {
    const key = row.present.join(" ");
    const group = groups.get(key) ?? {
      losses: losses.filter((loss) => !row.present.includes(loss)),
      fits: [],
    };
    group.fits.push({ designPoint: row.designPoint, replicate: row.replicate, theta: row.theta });
    groups.set(key, group);
  }
  return [...groups.values()];
}

interface LackingRow {
  readonly designPoint: string;
  readonly replicate: number;
  readonly theta: number[];
  readonly present: string[];
}

async function lacking(
  connection: DuckDBConnection,
  design: string,
  losses: readonly string[],
): Promise<LackingRow[]> {
  const wanted = losses.map((_, index) => `$${index + 2}`).join(", ");
  return select<LackingRow>(
    connection,
    `WITH have AS (
       SELECT design_point, replicate, list(DISTINCT loss ORDER BY loss) AS present
       FROM losses JOIN design_points USING (design_point) WHERE design = $1 AND loss IN (${wanted}) GROUP BY ALL)
     SELECT r.design_point AS "designPoint", r.replicate, r.theta, coalesce(h.present, []) AS present
     FROM replicates r JOIN design_points p USING (design_point) LEFT JOIN have h USING (design_point, replicate)
     WHERE p.design = $1 AND len(r.theta) > 0 AND coalesce(len(h.present), 0) < ${losses.length}
     ORDER BY r.design_point, r.replicate`,
    [design, ...losses],
  );
}
