import type { DuckDBConnection } from "@duckdb/node-api";
import type { ReplicateRow } from "@moe-rates/study";
import { select } from "../store/select.ts";

/** A replicate as the file keeps it, without times. */
export type StoredRow = Omit<ReplicateRow, "wallMs" | "cpuMs">;

/** Stored replicates of one design point, in the order of their numbers. */
export async function readStoredRows(
  connection: DuckDBConnection,
  designPoint: string,
  replicates: readonly number[],
): Promise<StoredRow[]> {
  const among = `design_point = $1 AND replicate IN (${replicates.map((one) => Math.trunc(one)).join(", ")})`;
  const read = <Row>(columns: string, table: string, order: string): Promise<Row[]> =>
    select<Row>(connection, `SELECT replicate, ${columns} FROM ${table} WHERE ${among} ORDER BY ${order}`, [
      designPoint,
    ]);
  if (replicates.length === 0) return [];
  const rows = await read<Omit<StoredRow, "atoms" | "losses" | "failure" | "designPoint">>(
    `status, certified, local, sse, sse_truth AS "sseTruth", cosine, predicted_reduction AS "predictedReduction", min_eigenvalue AS "minEigenvalue",
     flat_directions AS "flatDirections", active_bounds AS "activeBounds", starts, optima, reached_best AS "reachedBest", iterations, evaluations,
     tightened_change AS "tightenedChange", audited, beaten, theta`,
    "replicates",
    "replicate",
  );
  const atoms = byReplicate(
    await read<StoredRow["atoms"][number] & Numbered>(
      "atom, cell, parameter, value",
      "atoms",
      "replicate, rowid",
    ),
  );
  const losses = byReplicate(
    await read<StoredRow["losses"][number] & Numbered>(
      "loss, component, value",
      "losses",
      "replicate, rowid",
    ),
  );
  const failures = byReplicate(
    await read<NonNullable<StoredRow["failure"]> & Numbered>("kind, message", "failures", "replicate"),
  );
  return rows.map((row) => ({
    ...row,
    designPoint,
    atoms: atoms.get(row.replicate) ?? [],
    losses: losses.get(row.replicate) ?? [],
    failure: failures.get(row.replicate)?.[0] ?? null,
  }));
}

interface Numbered {
  readonly replicate: number;
}

function byReplicate<Row extends Numbered>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.replicate);
    if (group === undefined) groups.set(row.replicate, [row]);
    else group.push(row);
  }
  return groups;
}
