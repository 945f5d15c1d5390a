import type { DesignPoint, StartSpec } from "./types.ts";

/** A design point with replicates still to do. */
export interface PendingPoint {
  readonly point: DesignPoint;
  /** Parameters of the fitted model: the Jacobian's columns. */
  readonly parameters: number;
  readonly starts: StartSpec;
  /** Replicates r with the same floor(r / together) are fitted in one go and stay in one task; 1 when absent. */
  readonly together?: number;
  /** Replicate numbers without a row. */
  readonly missing: readonly number[];
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
  /** Evaluations (residual, Jacobian and J'J) per start while screening, and the observations or cells a screening evaluation sees at most. */
  readonly evaluationsPerStart: number;
  readonly screeningSize: number;
  /** Evaluations of all data per replicate: polishing and certificate. */
  readonly fullEvaluations: number;
  /** Nanoseconds per sample and pair of columns: the J'J update, about 16 ms for n = 1e5 and 44 columns on a SIMD kernel. */
  readonly nsPerPair: number;
  /** Nanoseconds per sample and column: activations and the Jacobian itself. */
  readonly nsPerColumn: number;
  /** Milliseconds per replicate whatever n: drawing, factorisations, losses. */
  readonly fixedMs: number;
  /** A task is worth at least this, unless the point has no more replicates. */
  readonly minimumMs: number;
  /** Most replicates in one task, so that progress moves. */
  readonly maximumReplicates: number;
}

/** The cost model's constants. Orders of magnitude suffice: they change the schedule only. */
export const taskCosts: TaskCosts = {
  evaluationsPerStart: 25,
  screeningSize: 1536,
  fullEvaluations: 150,
  nsPerPair: 0.085,
  nsPerColumn: 2,
  fixedMs: 0.3,
  minimumMs: 20,
  maximumReplicates: 64,
};

/** Estimated milliseconds of one replicate: fixed + (starts * evaluationsPerStart * min(n, screeningSize) + fullEvaluations * n) *
 *  (p^2 nsPerPair + p nsPerColumn). */
export function estimateReplicateMs(
  pending: Pick<PendingPoint, "point" | "parameters" | "starts">,
  costs: TaskCosts = taskCosts,
): number {
  const p = pending.parameters;
  const perSample = p * p * costs.nsPerPair + p * costs.nsPerColumn;
  const { n } = pending.point;
  const screening =
    countStarts(pending.starts) * costs.evaluationsPerStart * Math.min(n, costs.screeningSize);
  return costs.fixedMs + (screening + costs.fullEvaluations * n) * perSample * 1e-6;
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
 * is left with a long task at the end. Depends on its arguments alone, never on measured time.
 */
export function replicateTasks(
  pending: readonly PendingPoint[],
  costs: TaskCosts = taskCosts,
): ReplicateTask[] {
  const tasks = pending.flatMap((one) => {
    const each = estimateReplicateMs(one, costs);
    const wanted = Math.min(Math.max(Math.ceil(costs.minimumMs / each), 1), costs.maximumReplicates);
    const { id, design, n, k } = one.point;
    const chunks = one.together
      ? groupsOf(one.missing, one.together)
      : evenChunks(one.missing, wanted, costs.maximumReplicates);
    return chunks.map((replicates) => ({
      designPoint: id,
      design,
      n,
      k,
      replicates,
      estimatedMs: each * replicates.length,
    }));
  });
  return tasks.toSorted((a, b) => b.estimatedMs - a.estimatedMs);
}

/** Consecutive chunks of nearly equal length, each at least `least` long where the items allow it and none longer than `most`. */
function evenChunks<T>(items: readonly T[], least: number, most: number): T[][] {
  const count = Math.max(
    Math.floor(items.length / least),
    Math.ceil(items.length / most),
    Math.min(items.length, 1),
  );
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

/** Items with the same floor(item / size), in order. */
function groupsOf(items: readonly number[], size: number): number[][] {
  const groups = new Map<number, number[]>();
  for (const item of items) {
    const group = Math.floor(item / size);
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  return [...groups.values()];
}
