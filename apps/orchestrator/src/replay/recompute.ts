import type { FitTrace, ReplicateRow } from "@moe-rates/study";
import { failedRow } from "../pool/failed-row.ts";
import { lossCause, openPool } from "../pool/replicate-pool.ts";
import type { Batch } from "../pool/replicate-pool.ts";
import type { StudyResult, StudyTask } from "../pool/worker-protocol.ts";
import { workerSetup } from "../worker-setup.ts";
import type { StoredSource } from "./stored-source.ts";

/** A replicate computed again, with the trace of its fit where it has one. */
export interface Recomputed {
  readonly row: ReplicateRow;
  readonly trace: FitTrace | null;
}

export interface RecomputeOptions {
  readonly threads: number;
  readonly isolation: "thread" | "process";
  readonly timeLimit: number | null;
  readonly signal: AbortSignal;
}

/** Computes replicates of one source again, each a task of its own, and hands them over as they arrive. A replicate that breaks its worker or
 *  takes too long arrives as a failed row. */
export async function recompute(
  source: StoredSource,
  replicates: readonly { readonly designPoint: string; readonly replicate: number }[],
  { threads, isolation, timeLimit, signal }: RecomputeOptions,
  onRow: (recomputed: Recomputed) => void,
): Promise<void> {
  const entry = isolation === "process" ? "../worker-process.js" : "../worker.js";
  const pool = openPool<StudyTask, StudyResult>({
    workerFile: new URL(entry, import.meta.url),
    threads: Math.min(threads, Math.max(1, replicates.length)),
    isolation,
    timeLimit,
    setup: workerSetup(source, source.engine, isolation === "process"),
    signal,
  });
  const batches = replicates.map(({ designPoint, replicate }): Batch<StudyTask> => ({
    task: { kind: "replicates", designPoint, replicates: [replicate], trace: true },
    split: () => [],
  }));
  try {
    await pool.run({ kind: "hello" });
    await pool.runAll(
      batches,
      ({ rows, trace }) => rows.forEach((row) => onRow({ row, trace: trace ?? null })),
      (task, error) => {
        if (task.kind !== "replicates") return;
        for (const replicate of task.replicates)
          onRow({ row: failedRow(task.designPoint, replicate, lossCause(error), 0, 0), trace: null });
      },
    );
  } finally {
    await pool.close();
  }
}
