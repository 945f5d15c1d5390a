import { setTimeout as sleep } from "node:timers/promises";
import { FileLocked } from "./duckdb-instance.ts";
import type { OpenDatabase } from "./duckdb-instance.ts";
import { openForWriting } from "./store-file.ts";

/** Readers hold the file for a moment; a run waits that long for them. */
const patienceMs = 2000;
const pauseMs = 100;

/** Opens the database of a run. Throws an error naming the process when another one keeps it. */
export async function openWhenFree(file: string, shown: string): Promise<OpenDatabase> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await openForWriting(file);
    } catch (error) {
      if (!(error instanceof FileLocked)) throw error;
      if (performance.now() > deadline) {
        throw new Error(
          `${shown} is in use by ${error.holder}, probably another run of it; wait for it or stop it (moe-rates status ${shown} shows how far it is)`,
          { cause: error },
        );
      }
      await sleep(pauseMs);
    }
  }
}
