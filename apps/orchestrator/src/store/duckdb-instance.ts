import { totalmem } from "node:os";
import { basename } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";

/** An open database with one connection. */
export interface OpenDatabase {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  /** Another connection. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/** Somebody else holds the file. */
export class FileLocked extends Error {
  override readonly name = "FileLocked";
  readonly file: string;
  /** Process id of the holder, when the engine names it. */
  readonly pid: number | null;
  /** The holder in words: its name and process id as far as they are known. */
  readonly holder: string;
  constructor(file: string, pid: number | null, name: string | null) {
    const holder = pid === null ? "another process" : `process ${pid}${name === null ? "" : ` (${name})`}`;
    super(`${file} is in use by ${holder}`);
    this.holder = holder;
    this.file = file;
    this.pid = pid;
  }
}

/** Opens a database file without access to any other file and with its configuration locked, so that no SQL can reach outside it. It may
 *  use two threads and a quarter of the memory: the cores belong to the fits. */
export async function openDatabaseFile(
  file: string,
  mode: "READ_ONLY" | "READ_WRITE",
): Promise<OpenDatabase> {
  try {
    return await open(file, {
      access_mode: mode,
      enable_external_access: "false",
      lock_configuration: "true",
      threads: "2",
      memory_limit: `${Math.max(512, Math.floor(totalmem() / 2 ** 22))}MiB`,
      max_temp_directory_size: "8GiB",
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!text.includes("Could not set lock")) throw error;
    const pid = /PID (\d+)/.exec(text)?.[1];
    const program = /held in (.+?) \(PID/.exec(text)?.[1];
    throw new FileLocked(
      file,
      pid === undefined ? null : Number(pid),
      program === undefined ? null : basename(program),
    );
  }
}

/** A database in memory that may read and write files: the only one that does, and no SQL of a user reaches it. */
export async function openMemoryDatabase(): Promise<OpenDatabase> {
  return open(":memory:", { autoinstall_known_extensions: "false", autoload_known_extensions: "false" });
}

async function open(path: string, options: Record<string, string>): Promise<OpenDatabase> {
  const instance = await DuckDBInstance.create(path, options);
  const connection = await instance.connect();
  return {
    instance,
    connection,
    connect: () => instance.connect(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A name or a text quoted for SQL. */
export const quoted = {
  name: (name: string): string => `"${name.replaceAll('"', '""')}"`,
  text: (text: string): string => `'${text.replaceAll("'", "''")}'`,
};
