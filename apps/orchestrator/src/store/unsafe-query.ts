import { existsSync } from "node:fs";
import { InputError, messageOf } from "../input-error.ts";
import { openMemoryDatabase, quoted } from "./duckdb-instance.ts";
import { jsonValue } from "./json-values.ts";
import type { QueryResult } from "./query-result.ts";
import { openForReading } from "./store-file.ts";

/** Runs SQL that may read and write other files, beside a study's file that stays read-only: several statements, COPY, ATTACH, read_csv. The answer is that of the
 *  last statement. Throws InputError for what the engine refuses. */
export async function runUnsafeQuery(file: string, sql: string, signal: AbortSignal): Promise<QueryResult> {
  if (!existsSync(file)) throw new InputError(`${file}: no such database file`);
  (await openForReading(file)).close();
  const database = await openMemoryDatabase();
  const { connection } = database;
  const interrupt = (): void => connection.interrupt();
  const close = (): void => {
    signal.removeEventListener("abort", interrupt);
    database.close();
  };
  signal.addEventListener("abort", interrupt);
  try {
    await connection.run(`ATTACH ${quoted.text(file)} AS study (READ_ONLY)`);
    await connection.run("USE study");
    const result = await connection.stream(sql);
    return {
      columns: result.deduplicatedColumnNames(),
      pieces: closing(result.yieldConvertedRows(jsonValue), close),
    };
  } catch (error) {
    close();
    throw refused(error);
  }
}

async function* closing<Rows>(rows: AsyncIterable<Rows>, close: () => void): AsyncGenerator<Rows> {
  try {
    yield* rows;
  } catch (error) {
    throw refused(error);
  } finally {
    close();
  }
}

function refused(error: unknown): InputError {
  return new InputError(`query --unsafe: ${messageOf(error).trim()}`);
}
