import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  INTEGER,
  LIST,
  VARCHAR,
  listValue,
} from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";

const chunkRows = 2048;

/** Column types of the tables that are filled by data chunks (the fastest way in from JavaScript). */
const tableTypes: Readonly<Record<string, readonly DuckDBType[]>> = {
  replicates: [
    VARCHAR,
    INTEGER,
    VARCHAR,
    BOOLEAN,
    BOOLEAN,
    DOUBLE,
    DOUBLE,
    DOUBLE,
    DOUBLE,
    DOUBLE,
    INTEGER,
    VARCHAR,
    INTEGER,
    INTEGER,
    INTEGER,
    INTEGER,
    INTEGER,
    DOUBLE,
    BOOLEAN,
    BOOLEAN,
    DOUBLE,
    DOUBLE,
    LIST(DOUBLE),
    INTEGER,
  ],
  atoms: [VARCHAR, INTEGER, INTEGER, INTEGER, VARCHAR, DOUBLE],
  losses: [VARCHAR, INTEGER, VARCHAR, VARCHAR, DOUBLE],
  failures: [VARCHAR, INTEGER, VARCHAR, VARCHAR, VARCHAR],
  design_points: [VARCHAR, VARCHAR, BIGINT, INTEGER, INTEGER],
  t_quantiles: [INTEGER, DOUBLE, DOUBLE],
};

/** Appends equally long columns to a table, inside the connection's transaction. Nothing is visible to others before its commit. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly DuckDBValue[][],
): Promise<void> {
  const types = tableTypes[table];
  if (types === undefined || types.length !== columns.length)
    throw new Error(`no column types for table ${table}`);
  const rows = columns[0]?.length ?? 0;
  if (rows === 0) return;
  const appender = await connection.createAppender(table);
  try {
    for (let from = 0; from < rows; from += chunkRows) {
      const chunk = DuckDBDataChunk.create(types, Math.min(chunkRows, rows - from));
      chunk.setColumns(columns.map((column) => column.slice(from, from + chunkRows)));
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

/** A list of doubles as a value of a DOUBLE[] column. */
export function doubleList(values: readonly number[]): DuckDBValue {
  return listValue([...values]);
}
