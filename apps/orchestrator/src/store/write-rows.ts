import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import type { ReplicateRow } from "@moe-rates/study";
import { appendColumns, doubleList } from "./append-columns.ts";

/** Losses computed later for replicates that are stored already. */
export interface AddedLosses {
  readonly designPoint: string;
  readonly replicate: number;
  readonly losses: ReplicateRow["losses"];
}

/** Writes complete replicates and added losses in one transaction: all of it or nothing. */
export async function writeRows(
  connection: DuckDBConnection,
  run: number,
  rows: readonly ReplicateRow[],
  added: readonly AddedLosses[],
): Promise<void> {
  await connection.run("BEGIN");
  try {
    await appendColumns(connection, "replicates", replicateColumns(run, rows));
    await appendColumns(connection, "atoms", atomColumns(rows));
    await appendColumns(connection, "losses", lossColumns([...rows, ...added]));
    await appendColumns(connection, "failures", failureColumns(rows));
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function replicateColumns(run: number, rows: readonly ReplicateRow[]): DuckDBValue[][] {
  return [
    rows.map((row) => row.designPoint),
    rows.map((row) => row.replicate),
    rows.map((row) => row.status),
    rows.map((row) => row.certified),
    rows.map((row) => row.local),
    rows.map((row) => row.sse),
    rows.map((row) => row.sseTruth),
    rows.map((row) => row.cosine),
    rows.map((row) => row.predictedReduction),
    rows.map((row) => row.minEigenvalue),
    rows.map((row) => row.flatDirections),
    rows.map((row) => row.activeBounds),
    rows.map((row) => row.starts),
    rows.map((row) => row.optima),
    rows.map((row) => row.reachedBest),
    rows.map((row) => row.iterations),
    rows.map((row) => row.evaluations),
    rows.map((row) => row.tightenedChange),
    rows.map((row) => row.audited),
    rows.map((row) => row.beaten),
    rows.map((row) => row.wallMs),
    rows.map((row) => row.cpuMs),
    rows.map((row) => doubleList(row.theta)),
    rows.map(() => run),
  ];
}

function atomColumns(rows: readonly ReplicateRow[]): DuckDBValue[][] {
  const columns: DuckDBValue[][] = [[], [], [], [], [], []];
  for (const row of rows) {
    for (const atom of row.atoms)
      push(columns, [row.designPoint, row.replicate, atom.atom, atom.cell, atom.parameter, atom.value]);
  }
  return columns;
}

function lossColumns(rows: readonly AddedLosses[]): DuckDBValue[][] {
  const columns: DuckDBValue[][] = [[], [], [], [], []];
  for (const row of rows) {
    for (const loss of row.losses)
      push(columns, [row.designPoint, row.replicate, loss.loss, loss.component, loss.value]);
  }
  return columns;
}

function failureColumns(rows: readonly ReplicateRow[]): DuckDBValue[][] {
  const columns: DuckDBValue[][] = [[], [], [], [], []];
  for (const row of rows) {
    if (row.failure === null) continue;
    const replay = `moe-rates replay FILE --design ${row.designPoint} --replicate ${row.replicate}`;
    push(columns, [row.designPoint, row.replicate, row.failure.kind, row.failure.message, replay]);
  }
  return columns;
}

function push(columns: DuckDBValue[][], values: readonly DuckDBValue[]): void {
  values.forEach((value, index) => columns[index]?.push(value));
}
