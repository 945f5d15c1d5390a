import type { LossColumns } from "@moe-rates/rates";
import { rowObjects } from "../store/query-result.ts";
import type { QueryResult } from "../store/query-result.ts";

/** Losses as lists per design x loss x component x n, replicates ascending: what inference resamples. */
export const seriesSql = `SELECT p.design, p.k, l.loss, l.component, p.n,
    list(l.replicate ORDER BY l.replicate) AS replicates, list(l.value ORDER BY l.replicate) AS losses,
    list(coalesce(r.certified, false) ORDER BY l.replicate) AS certified
  FROM losses l JOIN design_points p USING (design_point) LEFT JOIN replicates r USING (design_point, replicate)
  GROUP BY p.design, p.k, l.loss, l.component, p.n
  ORDER BY p.design, p.k, l.loss, l.component, p.n`;

/** Series out of the result of `seriesSql`. */
export async function readSeries(result: QueryResult): Promise<LossColumns[]> {
  const series: (LossColumns & { points: LossColumns["points"][number][] })[] = [];
  for (const record of await rowObjects(result)) {
    const key = {
      design: String(record["design"]),
      k: Number(record["k"]),
      loss: String(record["loss"]),
      component: String(record["component"]),
    };
    const last = series.at(-1);
    const same =
      last !== undefined &&
      last.design === key.design &&
      last.loss === key.loss &&
      last.component === key.component;
    const point = {
      n: Number(record["n"]),
      replicates: record["replicates"] as number[],
      // NaN and infinities arrive as text: not numbers, not used.
      values: (record["losses"] as (number | string | null)[]).map((value) =>
        typeof value === "number" ? value : null,
      ),
      certified: record["certified"] as boolean[],
    };
    if (same) last.points.push(point);
    else series.push({ ...key, points: [point] });
  }
  return series;
}
