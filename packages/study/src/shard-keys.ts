import { estimateReplicateMs, type PendingPoint } from "./replicate-tasks.ts";

/** Shard `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The replicates of a study that belong to one shard. All replicates, dearest design points first, are dealt out to the shards there and back
 *  again (1 .. N, N .. 1, ...), so that shards differ in predicted cost by at most one replicate of each kind; replicates that are fitted
 *  together stay together. Depends on the points, their planned replicates and the cost model alone: never on what is stored already.
 *  `planned` gives the number of replicates of a point by its id. */
export function shardReplicates(
  pending: readonly PendingPoint[],
  { index, count }: Shard,
  planned: (designPoint: string) => number,
): PendingPoint[] {
  const order = pending
    .map((one) => ({ one, cost: estimateReplicateMs(one) }))
    .toSorted((a, b) => b.cost - a.cost || (a.one.point.id < b.one.point.id ? -1 : 1));
  const first = new Map<string, number>();
  let dealt = 0;
  for (const { one } of order) {
    first.set(one.point.id, dealt);
    dealt += Math.ceil(planned(one.point.id) / (one.together ?? 1));
  }
  return pending.map((one) => {
    const from = first.get(one.point.id) ?? 0;
    const own = Array.from(one.missing.slice(0, one.missing.length)).filter((replicate) => {
      const place = from + Math.floor(replicate / (one.together ?? 1));
      const round = Math.floor(place / count);
      const turn = place % count;
      return (round % 2 === 0 ? turn : count - 1 - turn) === index - 1;
    });
    return { ...one, missing: own };
  });
}
