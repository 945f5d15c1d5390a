import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connectLive } from "../live/ask-live.ts";
import { FileLocked } from "./duckdb-instance.ts";
import type { OpenDatabase } from "./duckdb-instance.ts";
import { openForWriting } from "./store-file.ts";

/** How long to wait for a run that answers: it may be about to end. */
const runPatienceMs = 2000;
/** How long to wait for whoever does not answer: readers hold the file for a moment, on a busy machine for seconds. */
const readerPatienceMs = 20_000;
const pauseMs = 100;

/** Opens the database of a run. Throws an error naming the process when another one keeps it. `env` says where runs listen. */
export async function openWhenFree(
  file: string,
  shown: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<OpenDatabase> {
  const since = { held: performance.now(), answered: Infinity };
  for (;;) {
    try {
      return await openForWriting(file);
    } catch (error) {
      if (!(error instanceof FileLocked)) throw error;
      const now = performance.now();
      since.answered = (await answers(file, env)) ? Math.min(since.answered, now) : Infinity;
      if (now - since.held > readerPatienceMs || now - since.answered > runPatienceMs) {
        throw new Error(
          `${shown} is in use by ${error.holder}, probably another run of it; wait for it or stop it (moe-rates status ${shown} shows how far it is)`,
          { cause: error },
        );
      }
      await sleep(pauseMs);
    }
  }
}

/** Whether a run holds the file and answers on its socket. */
async function answers(file: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const socket = existsSync(file) ? await connectLive(file, env) : null;
  socket?.destroy();
  return socket !== null;
}
