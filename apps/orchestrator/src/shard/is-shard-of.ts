import type { LoadedStudy } from "../load-study.ts";
import type { ShardedRound } from "./next-round.ts";
import type { ShardManifest } from "./shard-manifest.ts";

/** Whether a shard file is a part of this study as it is now: the same division, designs, sizes and replicates, those of a round if one is given. */
export function isShardOf(
  manifest: ShardManifest,
  count: number,
  { designs, points, study }: Pick<LoadedStudy, "designs" | "points" | "study">,
  round?: ShardedRound,
): boolean {
  const own = designs.map(({ id }) => id).toSorted();
  const planned = new Map(
    manifest.points.map(([point, , , , replicates]) => [String(point), Number(replicates)]),
  );
  return (
    manifest.count === count &&
    own.join() === manifest.designs.map(([design]) => String(design)).join() &&
    points.every(({ id }) => planned.get(id) === (round?.planned.get(id) ?? study.replicates))
  );
}
