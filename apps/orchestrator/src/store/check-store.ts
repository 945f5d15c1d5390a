import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError, messageOf } from "../input-error.ts";
import { quoted } from "./duckdb-instance.ts";
import { storeFormat, tableNames } from "./schema.ts";
import { select } from "./select.ts";

/** Throws InputError unless the open file is a store of this version or an older one. */
export async function checkOurs(file: string, connection: DuckDBConnection): Promise<void> {
  const foreign = (why: string): InputError =>
    new InputError(`${file} is a database that moe-rates did not write (${why}); it was left as it is`);
  try {
    const listed = await connection.runAndReadAll(
      "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'",
    );
    const present = new Set(listed.getRowsJS().map(([name]) => String(name)));
    const missing = tableNames.filter((name) => !present.has(name));
    if (missing.length > 0) throw foreign(`no table ${missing.join(", ")}`);
    const formats = await select<{ format: number }>(connection, "SELECT DISTINCT format FROM studies");
    const newer = formats.find(({ format }) => format > storeFormat);
    if (newer === undefined) return;
    const [last] = await select<{ version: string }>(
      connection,
      "SELECT version FROM runs ORDER BY run DESC LIMIT 1",
    );
    throw new InputError(
      `${file} has store format ${newer.format}, this moe-rates reads formats 1 to ${storeFormat}; moe-rates ${last?.version ?? "of a later version"} wrote it and opens it`,
    );
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (isCorruption(error)) throw corrupted(file, error);
    throw foreign(firstLine(messageOf(error)));
  }
}

/** Reads every block of the file, so that the engine compares every checksum. Throws InputError when one is wrong. */
export async function checkBlocks(file: string, connection: DuckDBConnection): Promise<void> {
  try {
    for (const table of tableNames)
      await connection.run(`SELECT max(hash(t)) FROM ${quoted.name(table)} AS t`);
  } catch (error) {
    throw corrupted(file, error);
  }
}

/** Whether the engine says that a file is damaged, in any of its words. */
export function isCorruption(error: unknown): boolean {
  const text = messageOf(error);
  if (/no space left|out of memory|read-only/i.test(text)) return false;
  return /corrupt|checksum|deseriali|serialization|file is too small|INTERNAL Error|FATAL Error|could not read/i.test(
    text,
  );
}

/** Does work on an open file; what the engine says about damage becomes a message that names the file and its state. */
export async function namingDamage<Value>(
  file: string,
  work: () => Promise<Value>,
  state?: string,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError || !isCorruption(error)) throw error;
    throw corrupted(file, error, state);
  }
}

/** What to do about a damaged file. */
export function corrupted(file: string, error: unknown, state = "it was left as it is"): InputError {
  return new InputError(
    `${file} is damaged (${firstLine(messageOf(error))}); ${state}: restore it from a copy, or run the study into a new file`,
  );
}

export function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
