import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryName } from "../atomic-file.ts";
import { InputError, messageOf } from "../input-error.ts";
import { openMemoryDatabase, quoted } from "./duckdb-instance.ts";
import { tableNames } from "./schema.ts";
import { select } from "./select.ts";

/** One exported file. */
export interface ExportedFile {
  readonly table: string;
  readonly file: string;
  readonly rows: number;
}

const manifestName = "moe-rates-export.json";
const writtenBy = "moe-rates export";
const copyOptions = { parquet: "FORMAT parquet, COMPRESSION zstd", csv: "FORMAT csv, HEADER" } as const;

/** Writes every table, and the views `rates` and `local_slopes`, as one file each into `folder`. All files are written under temporary
 *  names first. A file of the folder that an earlier export did not write is refused without `force`. */
export async function exportTables(
  file: string,
  folder: string,
  format: "parquet" | "csv",
  force: boolean,
): Promise<ExportedFile[]> {
  const relations = [...tableNames, "rates", "local_slopes"];
  const exported = relations.map((table) => ({ table, file: `${table}.${format}`, rows: 0 }));
  const before = prepareFolder(folder, [...exported.map((one) => one.file), manifestName], force);
  const database = await openMemoryDatabase();
  const names = [...exported.map((one) => one.file), manifestName].map((name) => join(folder, name));
  try {
    const { connection } = database;
    await connection.run(`ATTACH ${quoted.text(file)} AS study (READ_ONLY)`);
    await connection.run("USE study");
    const counted: ExportedFile[] = [];
    for (const one of exported) {
      const path = temporaryName(join(folder, one.file));
      await connection.run(
        `COPY (FROM ${quoted.name(one.table)}) TO ${quoted.text(path)} (${copyOptions[format]})`,
      );
      const [count] = await select<{ rows: number }>(
        connection,
        `SELECT count(*) AS rows FROM ${quoted.name(one.table)}`,
      );
      counted.push({ ...one, rows: count?.rows ?? 0 });
    }
    const files = [...before.filter((old) => !counted.some((one) => one.file === old.file)), ...counted];
    writeFileSync(
      temporaryName(join(folder, manifestName)),
      `${JSON.stringify({ writtenBy, files }, null, 2)}\n`,
    );
    for (const name of names) renameSync(temporaryName(name), name);
    return counted;
  } finally {
    database.close();
    for (const name of names) rmSync(temporaryName(name), { force: true });
  }
}

/** Makes the folder and returns what earlier exports wrote into it. */
function prepareFolder(folder: string, files: readonly string[], force: boolean): ExportedFile[] {
  try {
    mkdirSync(folder, { recursive: true });
    if (!statSync(folder).isDirectory()) throw new Error("it is not a folder");
  } catch (error) {
    throw new InputError(`${folder} cannot be used as a folder: ${messageOf(error)}`);
  }
  const before = writtenBefore(folder);
  const ours = new Set(before === null ? [] : [manifestName, ...before.map((one) => one.file)]);
  const foreign = files.filter((name) => !ours.has(name) && existsSync(join(folder, name)));
  if (foreign.length > 0 && !force) {
    throw new InputError(
      `${folder} holds ${foreign.join(", ")}, which no export of moe-rates wrote; --force replaces them`,
    );
  }
  return before ?? [];
}

function writtenBefore(folder: string): ExportedFile[] | null {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, manifestName), "utf8")) as {
      writtenBy?: string;
      files: ExportedFile[];
    };
    return manifest.writtenBy === writtenBy ? manifest.files : null;
  } catch {
    return null;
  }
}
