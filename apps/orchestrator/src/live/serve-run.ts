import type { DuckDBInstance } from "@duckdb/node-api";
import { messageOf } from "../input-error.ts";
import type { RunProgress } from "../progress/run-progress.ts";
import { runQuery } from "../store/query-result.ts";
import { readStatus } from "../store/read-status.ts";
import type { Terminal } from "../terminal.ts";
import { serveLive } from "./serve-live.ts";
import { socketForRun } from "./socket-path.ts";

/** Answers status and queries for the file this process has locked. Without a safe place for the socket the run goes on silent: null. */
export async function serveRun(
  terminal: Terminal,
  { out, shownOut }: { out: string; shownOut: string },
  instance: DuckDBInstance,
  progress: RunProgress,
): Promise<{ close(): Promise<void> } | null> {
  const path = socketForRun(out, terminal.env);
  const silent = (why: string): null => {
    terminal.stderr.write(`status and query of ${shownOut} cannot answer during this run: ${why}\n`);
    return null;
  };
  if (path === null) return silent("no folder for the socket that is this user's alone");
  try {
    return await serveLive(path, {
      query: (sql, signal) => runQuery(instance, sql, signal),
      async status() {
        const connection = await instance.connect();
        try {
          return await readStatus(connection, progress.live());
        } finally {
          connection.closeSync();
        }
      },
    });
  } catch (error) {
    return silent(messageOf(error));
  }
}
