import type { DuckDBConnection } from "@duckdb/node-api";
import type { ReplicateRow } from "@moe-rates/study";
import type { ReplicateKeys } from "./replicate-keys.ts";
import { writeRows } from "./write-rows.ts";
import type { AddedLosses } from "./write-rows.ts";

/** Collects finished replicates and commits them in batches, at the latest `commitEveryMs` after the first one waits. */
export interface BatchWriter {
  add(row: ReplicateRow): void;
  addLosses(row: AddedLosses): void;
  /** Commits what waits and returns when it is in the file. Throws what a commit threw. */
  flush(): Promise<void>;
  /** Rows committed so far. */
  readonly committed: number;
}

/** Half a second: together with the time of a commit itself well below the promised second. */
const commitEveryMs = 500;
const rowsPerBatch = 1000;

/** A writer into the open database. A replicate in `stored` is not written again. */
export function createBatchWriter(
  connection: DuckDBConnection,
  run: number,
  stored: ReplicateKeys,
  onError: (error: unknown) => void,
): BatchWriter {
  let rows: ReplicateRow[] = [];
  let added: AddedLosses[] = [];
  let timer: NodeJS.Timeout | null = null;
  let chain: Promise<void> = Promise.resolve();
  let committed = 0;
  let broken: { error: unknown } | null = null;

  const commit = async (): Promise<void> => {
    if (broken !== null || (rows.length === 0 && added.length === 0)) return;
    const [batch, losses] = [rows, added];
    [rows, added] = [[], []];
    try {
      await writeRows(connection, run, batch, losses);
      committed += batch.length;
    } catch (error) {
      broken = { error };
      onError(error);
    }
  };
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    chain = chain.then(commit);
    return chain.then(() => {
      if (broken !== null) throw broken.error;
    });
  };
  const schedule = (): void => {
    if (rows.length + added.length >= rowsPerBatch) void flush().catch(() => undefined);
    else timer ??= setTimeout(() => void flush().catch(() => undefined), commitEveryMs);
  };
  return {
    add(row) {
      if (stored.has(row.designPoint, row.replicate)) return;
      stored.add(row.designPoint, row.replicate);
      rows.push(row);
      schedule();
    },
    addLosses(row) {
      added.push(row);
      schedule();
    },
    flush,
    get committed() {
      return committed;
    },
  };
}
