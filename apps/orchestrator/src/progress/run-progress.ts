import { estimateReplicateMs } from "@moe-rates/study";
import type { PendingPoint, ReplicateRow } from "@moe-rates/study";
import type { LoadedStudy } from "../load-study.ts";
import type { RunningStatus, StudyStatus } from "../store/read-status.ts";
import type { ProgressState } from "./progress-report.ts";
import { createPace } from "./pace.ts";
import { createRemainingTime } from "./remaining-time.ts";

/** Counts what a run finishes, for its progress line and its live status. */
export interface RunProgress {
  /** Replicates this run has to do, as known so far. */
  readonly toDo: number;
  /** Adds the work of a further round. */
  extend(pending: readonly PendingPoint[]): void;
  finished(row: ReplicateRow): void;
  state(): ProgressState;
  live(): RunningStatus;
  /** Wall time all fits of this run took together. */
  fitMs(): number;
}

/** Progress over all replicates of the study; those of earlier runs count as done. `threads` is zero when workers of other processes fit: then the time left
 *  is that at their pace. */
export function createRunProgress(
  loaded: LoadedStudy,
  pending: readonly PendingPoint[],
  threads: number,
  before: StudyStatus,
): RunProgress {
  let remaining = createRemainingTime(pending.map(pointWork));
  let pace = createPace();
  let toDo = countMissing(pending);
  const own = new Set(loaded.designs.map((design) => design.id));
  const failedBefore = before.points
    .filter((point) => own.has(point.design))
    .reduce((sum, point) => sum + point.failed, 0);
  let total =
    toDo + before.points.filter(({ design }) => own.has(design)).reduce((sum, { done }) => sum + done, 0);
  const startedAt = performance.now();
  let [done, failed, fitMs] = [0, 0, 0];
  const left = (): number => (threads > 0 ? remaining.milliseconds(threads) : pace.milliseconds());
  const state = (): ProgressState => {
    const elapsedMs = performance.now() - startedAt;
    return {
      elapsedMs,
      total,
      share: remaining.share(),
      done: total - toDo + done,
      failed: failedBefore + failed,
      perSecond: done / Math.max(elapsedMs / 1000, 1e-3),
      // The cost model orders work well and times it badly: no forecast before the first measurement.
      remainingMs: done === 0 && toDo > 0 ? NaN : left(),
    };
  };
  return {
    get toDo() {
      return toDo;
    },
    extend(more) {
      remaining = createRemainingTime(more.map(pointWork));
      pace = createPace();
      toDo += countMissing(more);
      total += countMissing(more);
    },
    finished(row) {
      done += 1;
      fitMs += row.wallMs;
      if (row.failure !== null) failed += 1;
      remaining.finished(row.designPoint, row.wallMs);
      if (threads === 0) pace.note(remaining.share());
    },
    state,
    live() {
      const { remainingMs, ...now } = state();
      return { pid: process.pid, ...now, remainingMs: Number.isNaN(remainingMs) ? null : remainingMs };
    },
    fitMs: () => fitMs,
  };
}

function pointWork(one: PendingPoint): Parameters<typeof createRemainingTime>[0][number] {
  return {
    designPoint: one.point.id,
    design: one.point.design,
    cost: estimateReplicateMs(one),
    pending: one.missing.length,
  };
}

function countMissing(pending: readonly PendingPoint[]): number {
  return pending.reduce((sum, { missing }) => sum + missing.length, 0);
}
