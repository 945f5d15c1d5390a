import type { DuckDBInstance, Json } from "@duckdb/node-api";
import { jsonValue } from "./json-values.ts";
import { prepareQuery, queryError } from "./query-guard.ts";

/** Columns of a result and its rows, piece by piece. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly pieces: AsyncIterable<readonly (readonly Json[])[]>;
}

/** Runs one SELECT in a read-only transaction on a connection of its own; the rows stream. Throws InputError as `prepareQuery`, and while
 *  streaming for errors of the query itself. Aborting the signal interrupts the engine. */
export async function runQuery(
  database: Pick<DuckDBInstance, "connect">,
  sql: string,
  signal: AbortSignal,
): Promise<QueryResult> {
  const connection = await database.connect();
  const interrupt = (): void => connection.interrupt();
  const close = (): void => {
    signal.removeEventListener("abort", interrupt);
    connection.closeSync();
  };
  signal.addEventListener("abort", interrupt);
  try {
    await connection.run("BEGIN TRANSACTION READ ONLY");
    const prepared = await prepareQuery(connection, sql);
    const result = await prepared.stream();
    return {
      columns: result.deduplicatedColumnNames(),
      pieces: pieces(() => result.yieldConvertedRows(jsonValue), close),
    };
  } catch (error) {
    close();
    throw queryError(error);
  }
}

async function* pieces(
  rows: () => AsyncIterable<(Json | null)[][]>,
  close: () => void,
): AsyncGenerator<(Json | null)[][]> {
  try {
    yield* rows();
  } catch (error) {
    throw queryError(error);
  } finally {
    close();
  }
}

/** The whole result as row objects. */
export async function rowObjects(result: QueryResult): Promise<Record<string, Json>[]> {
  const objects: Record<string, Json>[] = [];
  for await (const piece of result.pieces)
    objects.push(...piece.map((row) => rowObject(result.columns, row)));
  return objects;
}

/** One row under its column names. */
export function rowObject(columns: readonly string[], row: readonly Json[]): Record<string, Json> {
  return Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]));
}
