import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";

/** Rows of a SELECT of ours as plain objects; BIGINT comes as a number, NULL as null. */
export async function select<Row>(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
): Promise<Row[]> {
  const result = await connection.runAndReadAll(sql, values);
  return result.getRowObjectsJS().map((row) => {
    for (const key of Object.keys(row)) if (typeof row[key] === "bigint") row[key] = Number(row[key]);
    return row as Row;
  });
}
