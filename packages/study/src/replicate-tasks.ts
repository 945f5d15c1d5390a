import type { DesignPoint, StartSpec } from "./types.ts";

/** A design point with replicates still to do. */
export interface PendingPoint {
  readonly point: DesignPoint;
  /** Parameters of the fitted model: the Jacobian's columns. */
  readonly parameters: number;
  readonly starts: StartSpec;
  /** Replicates r with the same floor(r / together) are fitted in one go and stay in one task; 1 when absent. */
  readonly together?: number;
  /** Replicate numbers without a row, in ascending order. */
  readonly missing: ReplicateNumbers;
}

/** A list of replicate numbers: an array, a typed array, or a range that is never written out. */
export interface ReplicateNumbers {
  readonly length: number;
  slice(from: number, to: number): ArrayLike<number>;
}

/** 0 .. count - 1 without the numbers. */
export function allReplicates(count: number): ReplicateNumbers {
  return {
    length: count,
    slice: (from, to) => Array.from({ length: to - from }, (_, i) => from + i),
  };
}

/** One message to a worker: replicates of one design point. */
export interface ReplicateTask {
  readonly designPoint: string;
  readonly design: string;
  readonly n: number;
  readonly k: number;
  readonly replicates: readonly number[];
  /** By the cost model; orders tasks and weighs progress, decides no number. */
  readonly estimatedMs: number;
}

/** Constants of the cost model and bounds of a task. */
export interface TaskCosts {
  /** Nanoseconds of screening per start, observation or cell of the screening, and cubed number of parameters: an evaluation and the algebra of a
   *  step grow with its square, the number of steps with it too. */
  readonly nsPerStart: number;
  /** Observations or cells that a screening evaluation sees at most. */
  readonly screeningSize: number;
  /** Nanoseconds per observation and cubed number of parameters: drawing, compressing, the evaluations of all data. */
  readonly nsPerObservation: number;
  /** Milliseconds per replicate whatever n: losses, overheads. */
  readonly fixedMs: number;
  /** A task is worth at least this, unless the point has no more replicates. */
  readonly minimumMs: number;
  /** Most replicates in one task, so that progress moves. */
  readonly maximumReplicates: number;
}

/** The cost model's constants, fitted by eye to the median CPU times of the shipped studies with 10 to 36 parameters, n = 500 to 1e6: within a factor of about three, which is as
 *  far as replicates of one design point differ. They change the schedule and the cut into shards, no number. */
export const taskCosts: TaskCosts = {
  nsPerStart: 1,
  screeningSize: 512,
  nsPerObservation: 3,
  fixedMs: 0.3,
  minimumMs: 20,
  maximumReplicates: 64,
};

/** Estimated milliseconds of one replicate with p parameters: fixed + p^3 (starts * nsPerStart * min(n, screeningSize) + nsPerObservation * n). */
export function estimateReplicateMs(
  pending: Pick<PendingPoint, "point" | "parameters" | "starts">,
  costs: TaskCosts = taskCosts,
): number {
  const { n } = pending.point;
  const screening = countStarts(pending.starts) * costs.nsPerStart * Math.min(n, costs.screeningSize);
  return costs.fixedMs + pending.parameters ** 3 * (screening + costs.nsPerObservation * n) * 1e-6;
}

/** Starts of all policies together. */
export function countStarts(starts: StartSpec): number {
  const {
    "near-truth": nearTruth,
    random = 0,
    "k-means": kMeans = 0,
    split = 0,
    add = 0,
    around = 0,
  } = starts;
  return (nearTruth?.count ?? 0) + random + kMeans + split + add + around;
}

/**
 * Cuts missing replicates into tasks worth at least `minimumMs` and at most `maximumReplicates` replicates, the longest first (then in the order given), so that no worker
 * is left with a long task at the end. Depends on its arguments alone, never on measured time. Tasks are made when they are asked for: there may be millions.
 */
export function* replicateTasks(
  pending: readonly PendingPoint[],
  costs: TaskCosts = taskCosts,
): Generator<ReplicateTask> {
  for (const { one, from, chunk, count, each } of sortedRuns(pending, costs)) {
    const { id, design, n, k } = one.point;
    for (let i = 0; i < count; i++) {
      const replicates = Array.from(one.missing.slice(from + i * chunk, from + (i + 1) * chunk));
      yield { designPoint: id, design, n, k, replicates, estimatedMs: each * chunk };
    }
  }
}

/** Number of tasks that `replicateTasks` makes. */
export function countReplicateTasks(pending: readonly PendingPoint[], costs: TaskCosts = taskCosts): number {
  return sortedRuns(pending, costs).reduce((sum, { count }) => sum + count, 0);
}

/** Tasks of one point with equally many replicates. */
interface TaskRun {
  readonly one: PendingPoint;
  /** Place of the first replicate in `missing`, replicates per task, tasks. */
  readonly from: number;
  readonly chunk: number;
  readonly count: number;
  /** Estimated milliseconds of a replicate. */
  readonly each: number;
}

function sortedRuns(pending: readonly PendingPoint[], costs: TaskCosts): TaskRun[] {
  return pending
    .flatMap((one) => {
      const each = estimateReplicateMs(one, costs);
      const wanted = Math.min(Math.max(Math.ceil(costs.minimumMs / each), 1), costs.maximumReplicates);
      const runs = one.together
        ? groupRuns(one.missing, one.together)
        : evenRuns(one.missing.length, wanted, costs.maximumReplicates);
      return runs.map((run) => ({ one, each, ...run }));
    })
    .toSorted((a, b) => b.each * b.chunk - a.each * a.chunk);
}

/** Consecutive chunks whose lengths differ by one at most, the longer ones first, each at least `least` long where there are enough items and none longer than `most`. */
function evenRuns(
  items: number,
  least: number,
  most: number,
): { from: number; chunk: number; count: number }[] {
  if (items === 0) return [];
  const chunks = Math.max(Math.floor(items / least), Math.ceil(items / most), 1);
  const chunk = Math.floor(items / chunks);
  const longer = items - chunk * chunks;
  return [
    { from: 0, chunk: chunk + 1, count: longer },
    { from: longer * (chunk + 1), chunk, count: chunks - longer },
  ].filter(({ count }) => count > 0);
}

/** One run per group of ascending items with the same floor(item / size). */
function groupRuns(items: ReplicateNumbers, size: number): { from: number; chunk: number; count: number }[] {
  const runs: { from: number; chunk: number; count: number }[] = [];
  let group = -1;
  Array.from(items.slice(0, items.length)).forEach((item, place) => {
    const last = runs.at(-1);
    if (last && Math.floor(item / size) === group) last.chunk += 1;
    else runs.push({ from: place, chunk: 1, count: 1 });
    group = Math.floor(item / size);
  });
  return runs;
}
