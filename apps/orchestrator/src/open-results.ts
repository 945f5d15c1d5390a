import type { Socket } from "node:net";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connectLive, liveQuery, liveStatus } from "./live/ask-live.ts";
import { namingDamage } from "./store/check-store.ts";
import { FileLocked } from "./store/duckdb-instance.ts";
import { runQuery } from "./store/query-result.ts";
import type { QueryResult } from "./store/query-result.ts";
import { readStatus } from "./store/read-status.ts";
import type { StudyStatus } from "./store/read-status.ts";
import { openForReading } from "./store/store-file.ts";
import type { Terminal } from "./terminal.ts";

/** Results of a study, from its file or, while a run holds it, from the running process. */
export interface Results {
  status(): Promise<StudyStatus>;
  query(sql: string): Promise<QueryResult>;
  close(): void;
}

/** A run that starts or ends holds the file for a moment, on a busy machine for seconds, without answering; wait that long before giving up. */
const usualPatienceMs = 20_000;
const pauseMs = 100;

/** Opens the results of a file. Throws InputError when it is not a study's database, and an error naming the process (its cause is FileLocked) when
 *  somebody holds it and does not answer. */
export async function openResults(
  file: string,
  terminal: Terminal,
  patienceMs = usualPatienceMs,
): Promise<Results> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      const database = await openForReading(file);
      return {
        status: () => namingDamage(file, () => readStatus(database.connection, null)),
        query: (sql) => runQuery(database, sql, terminal.signal),
        close: () => database.close(),
      };
    } catch (error) {
      if (!(error instanceof FileLocked)) throw error;
      const socket = existsSync(file) ? await connectLive(file, terminal.env) : null;
      if (socket !== null) return liveResults(file, socket, terminal);
      if (performance.now() > deadline)
        throw new Error(`${error.message}, which does not answer: it is no run of moe-rates of this user`, {
          cause: error,
        });
      await sleep(pauseMs);
    }
  }
}

/** A running process answers one question per connection. */
function liveResults(file: string, socket: Socket, terminal: Terminal): Results {
  const open = new Set([socket]);
  let waiting: Socket | null = socket;
  const close = (): void => open.forEach((one) => one.destroy());
  terminal.signal.addEventListener("abort", close);
  const connection = async (): Promise<Socket> => {
    const one = waiting ?? (await connectLive(file, terminal.env));
    waiting = null;
    if (one === null) throw new Error(`the run on ${file} ended while it was asked; ask again`);
    open.add(one);
    return one;
  };
  return {
    status: async () => (await liveStatus(await connection())) as StudyStatus,
    query: async (sql) => liveQuery(await connection(), sql),
    close,
  };
}
