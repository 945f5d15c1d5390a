import { FileLocked } from "../store/duckdb-instance.ts";
import type { OpenDatabase } from "../store/duckdb-instance.ts";
import { openForReading } from "../store/store-file.ts";
import type { Terminal } from "../terminal.ts";

/** Opens a file whose replicates are computed again. Throws an error naming the process while a run holds it. */
export async function openStored(file: string, shown: string, terminal: Terminal): Promise<OpenDatabase> {
  terminal.signal.throwIfAborted();
  return openForReading(file).catch((error: unknown) => {
    throw error instanceof FileLocked
      ? new Error(`${shown} is in use by ${error.holder}; compute again when its run has ended`, {
          cause: error,
        })
      : error;
  });
}
