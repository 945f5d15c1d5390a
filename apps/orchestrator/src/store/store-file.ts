import { existsSync, linkSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { storeViews, tQuantileRows } from "@moe-rates/rates";
import { InputError, messageOf } from "../input-error.ts";
import { appendColumns } from "./append-columns.ts";
import { FileLocked, openDatabaseFile } from "./duckdb-instance.ts";
import type { OpenDatabase } from "./duckdb-instance.ts";
import { checkBlocks, checkOurs, corrupted, firstLine, isCorruption } from "./check-store.ts";
import { storeFormat, tableDefinitions } from "./schema.ts";
import { readStoreFormat, shadowViews } from "./upgrade-store.ts";

/** Opens a study's database for reading. An older store gets the views of this version on its connections. Throws FileLocked while a run writes
 *  it, InputError when it is not ours or damaged. The file is not touched. */
export async function openForReading(file: string): Promise<OpenDatabase> {
  if (!existsSync(file))
    throw new InputError(`${file}: no such database file; moe-rates run STUDY --out ${file} creates it`);
  const database = await opened(file, "READ_ONLY");
  try {
    await checkOurs(file, database.connection);
    if ((await readStoreFormat(database.connection)) === storeFormat) return database;
    await shadowViews(database.connection);
    return { ...database, connect: () => withShadowViews(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function withShadowViews(database: OpenDatabase): Promise<DuckDBConnection> {
  const connection = await database.connect();
  await shadowViews(connection);
  return connection;
}

/** Opens a study's database for writing, creating it under a temporary name first when it is new. A file that is not ours, or has a damaged block, is
 *  refused untouched. */
export async function openForWriting(file: string): Promise<OpenDatabase> {
  if (existsSync(file)) {
    const database = await openForReading(file);
    await checkBlocks(file, database.connection).finally(() => database.close());
  } else await createFile(file);
  return opened(file, "READ_WRITE");
}

async function opened(file: string, mode: "READ_ONLY" | "READ_WRITE"): Promise<OpenDatabase> {
  if (!statSync(file).isFile()) throw new InputError(`${file} is not a file`);
  try {
    return await openDatabaseFile(file, mode);
  } catch (error) {
    if (error instanceof FileLocked) throw error;
    const text = messageOf(error);
    if (text.includes("not a valid DuckDB database"))
      throw new InputError(`${file} is not a DuckDB database file; it was left as it is`);
    if (isCorruption(error)) throw corrupted(file, error);
    throw new InputError(`${file} cannot be opened as a database: ${firstLine(text)}; it was left as it is`);
  }
}

async function createFile(file: string): Promise<void> {
  if (existsSync(`${file}.wal`))
    throw new InputError(
      `${file}.wal is the log of a database that is gone; move it away before ${file} is created`,
    );
  if (!existsSync(dirname(file))) throw new InputError(`${file}: folder ${dirname(file)} does not exist`);
  removeLeftovers(file);
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.new`);
  const remove = (): void => [temporary, `${temporary}.wal`].forEach((path) => rmSync(path, { force: true }));
  remove();
  try {
    const database = await openedNew(temporary);
    await createTables(database.connection);
    database.close();
    moveIntoPlace(temporary, file);
  } finally {
    remove();
  }
}

/** A creation takes a moment: what is older than this was left by a run that was killed. */
const leftoverAgeMs = 60_000;

/** Removes half-made databases of killed runs. */
function removeLeftovers(file: string): void {
  const left = new RegExp(
    String.raw`^\.${basename(file).replaceAll(/[^\w]/g, String.raw`\$&`)}\.\d+\.new(\.wal)?$`,
  );
  for (const name of readdirSync(dirname(file)).filter((one) => left.test(one))) {
    const path = join(dirname(file), name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (age > leftoverAgeMs) rmSync(path, { force: true });
  }
}

async function openedNew(temporary: string): Promise<OpenDatabase> {
  try {
    return await openDatabaseFile(temporary, "READ_WRITE");
  } catch (error) {
    throw new InputError(`${dirname(temporary)} cannot hold a database: ${firstLine(messageOf(error))}`);
  }
}

/** Creates tables, views and quantiles in an empty database. */
export async function createTables(connection: DuckDBConnection): Promise<void> {
  await connection.run("BEGIN");
  for (const definition of tableDefinitions) await connection.run(definition);
  const quantiles = tQuantileRows();
  await appendColumns(connection, "t_quantiles", [
    quantiles.map((row) => row.df),
    quantiles.map((row) => row.p),
    quantiles.map((row) => row.t),
  ]);
  for (const view of storeViews()) await connection.run(view);
  await connection.run("COMMIT");
}

/** Gives the finished file its name unless another run was faster; a hard link never replaces a file. */
function moveIntoPlace(temporary: string, file: string): void {
  try {
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    renameSync(temporary, file);
  }
}
