import type { Engine } from "../engines.ts";
import type { LoadedStudy } from "../load-study.ts";
import { failedRow } from "../pool/failed-row.ts";
import { lossCause, openPool } from "../pool/replicate-pool.ts";
import { pendingPoints, replicateBatches } from "../pool/study-work.ts";
import type { StudyResult, StudyTask } from "../pool/worker-protocol.ts";
import { workerSetup } from "../worker-setup.ts";
import { estimateReplicateMs } from "@moe-rates/study";
import type { ReplicateRow } from "@moe-rates/study";

/** What a pilot runs. */
export interface PilotRequest {
  readonly loaded: LoadedStudy;
  readonly engine: Engine;
  readonly threads: number;
  readonly workerFile: URL;
  /** Replicates at each piloted design point. */
  readonly replicates: number;
  /** Core-seconds the pilot may take by the cost model. */
  readonly budgetSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * Runs the first replicates of a study at its smallest sizes, as far as the budget goes by the cost model but at two sizes of every design at least, and writes nothing. The rows are those
 * that a run would store.
 */
export async function runPilot(request: PilotRequest): Promise<ReplicateRow[]> {
  const { loaded, engine, threads, workerFile, signal } = request;
  const rows: ReplicateRow[] = [];
  const pool = openPool<StudyTask, StudyResult>({
    workerFile,
    threads,
    setup: workerSetup(loaded, engine, false),
    signal,
  });
  try {
    await pool.run({ kind: "hello" });
    await pool.runAll(
      replicateBatches(pilotPoints(request)),
      (result) => void rows.push(...result.rows),
      (task, error) => {
        if (task.kind !== "replicates") return;
        rows.push(
          ...task.replicates.map((replicate) =>
            failedRow(task.designPoint, replicate, lossCause(error), 0, 0),
          ),
        );
      },
    );
  } finally {
    await pool.close();
  }
  return rows;
}

function pilotPoints({ loaded, replicates, budgetSeconds }: PilotRequest): ReturnType<typeof pendingPoints> {
  const wanted = Math.min(replicates, loaded.study.replicates);
  const pending = pendingPoints({ ...loaded, study: { ...loaded.study, replicates: wanted } }, null).toSorted(
    (a, b) => a.point.n - b.point.n,
  );
  const [first, second] = loaded.study.sampleSizes;
  let spent = 0;
  return pending.filter((one) => {
    spent += (estimateReplicateMs(one) * wanted) / 1000;
    return spent <= budgetSeconds || one.point.n === first || one.point.n === second;
  });
}
