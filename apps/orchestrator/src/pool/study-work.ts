import { allReplicates, replicateTasks, trainedTogether } from "@moe-rates/study";
import type { PendingPoint, ReplicateNumbers, ReplicateTask } from "@moe-rates/study";
import type { LoadedStudy } from "../load-study.ts";
import type { ReplicateKeys } from "../store/replicate-keys.ts";
import type { StoredFit, StudyTask } from "./worker-protocol.ts";
import type { Batch } from "./replicate-pool.ts";

/** The replicates of a study without a row, point by point; all of them when nothing is stored. `planned` holds the replicates of points that
 *  rounds have added to. */
export function pendingPoints(
  loaded: LoadedStudy,
  stored: Pick<ReplicateKeys, "has"> | null,
  planned: ReadonlyMap<string, number> = new Map(),
): PendingPoint[] {
  const { study, designs, points, parameters } = loaded;
  const fits = new Map(designs.map((design) => [design.id, design.fit]));
  return points.map((point) => {
    const replicates = planned.get(point.id) ?? study.replicates;
    return {
      point,
      missing: stored === null ? allReplicates(replicates) : missing(point.id, replicates, stored),
      parameters: parameters.get(point.design) ?? 0,
      starts: fits.get(point.design)?.starts ?? {},
      ...(fits.get(point.design)?.estimator && { together: trainedTogether }),
    };
  });
}

function missing(point: string, replicates: number, stored: Pick<ReplicateKeys, "has">): ReplicateNumbers {
  const numbers = new Int32Array(replicates);
  let count = 0;
  for (let replicate = 0; replicate < replicates; replicate++)
    if (!stored.has(point, replicate)) numbers[count++] = replicate;
  return count === replicates ? allReplicates(replicates) : numbers.slice(0, count);
}

/** Batches for the pool, the longest first, made when they are asked for. */
export function* replicateBatches(pending: readonly PendingPoint[]): Generator<Batch<StudyTask>> {
  for (const task of replicateTasks(pending)) yield replicateBatch(task);
}

function replicateBatch({
  designPoint,
  replicates,
}: Pick<ReplicateTask, "designPoint" | "replicates">): Batch<StudyTask> {
  return {
    task: { kind: "replicates", designPoint, replicates },
    split: () =>
      replicates.length < 2
        ? []
        : replicates.map((replicate) => replicateBatch({ designPoint, replicates: [replicate] })),
  };
}

/** The batch of a task that was sent from elsewhere. */
export function batchOf(task: StudyTask): Batch<StudyTask> {
  if (task.kind === "replicates") return replicateBatch(task);
  if (task.kind === "losses") return lossBatch(task.design, task.losses, task.fits);
  return { task, split: () => [] };
}

const fitsPerBatch = 64;

/** Batches that compute losses of stored fits. */
export function lossBatches(
  design: string,
  losses: readonly string[],
  fits: readonly StoredFit[],
): Batch<StudyTask>[] {
  const batches: Batch<StudyTask>[] = [];
  for (let from = 0; from < fits.length; from += fitsPerBatch)
    batches.push(lossBatch(design, losses, fits.slice(from, from + fitsPerBatch)));
  return batches;
}

function lossBatch(design: string, losses: readonly string[], fits: readonly StoredFit[]): Batch<StudyTask> {
  return {
    task: { kind: "losses", design, losses, fits },
    split: () => (fits.length < 2 ? [] : fits.map((fit) => lossBatch(design, losses, [fit]))),
  };
}
