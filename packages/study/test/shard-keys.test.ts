import { describe, expect, test } from "vitest";
import { allReplicates, estimateReplicateMs, shardReplicates, type PendingPoint } from "../src/index.ts";

const point = (n: number, together?: number): PendingPoint => ({
  point: { id: `design/${n}`, design: "design", n, k: 3 },
  parameters: 15,
  starts: { add: 90 },
  missing: allReplicates(41),
  ...(together && { together }),
});
const pending = [point(1000), point(4000), point(16_000), point(64_000, 8)];
const shards = (count: number) =>
  Array.from({ length: count }, (_, i) => shardReplicates(pending, { index: i + 1, count }, () => 41));

describe("shards of a study", () => {
  test.each([1, 2, 7, 50])("hold every replicate exactly once: %i", (count) => {
    const seen = shards(count).flatMap((shard) =>
      shard.flatMap(({ point: { id }, missing }) =>
        Array.from(missing.slice(0, missing.length), (replicate) => `${id}/${replicate}`),
      ),
    );
    expect(seen).toHaveLength(4 * 41);
    expect(new Set(seen).size).toBe(4 * 41);
  });

  test("keep together what is fitted together", () => {
    for (const shard of shards(3)) {
      const { missing } = shard[3];
      const groups = new Set(Array.from(missing.slice(0, 99), (r) => Math.floor(r / 8)));
      for (const group of groups) {
        const members = Array.from(missing.slice(0, 99)).filter((r) => Math.floor(r / 8) === group);
        expect(members).toHaveLength(group === 5 ? 1 : 8);
      }
    }
  });

  test("are balanced in predicted cost, not in number", () => {
    const even = [point(1000), point(4000), point(16_000), point(64_000)];
    const costs = Array.from({ length: 5 }, (_, i) =>
      shardReplicates(even, { index: i + 1, count: 5 }, () => 41).reduce(
        (sum, one) => sum + one.missing.length * estimateReplicateMs(one),
        0,
      ),
    );
    expect(Math.max(...costs) / Math.min(...costs)).toBeLessThan(1.15);
  });

  test("do not depend on what is stored", () => {
    const half = pending.map((one) => ({ ...one, missing: [3, 5, 20] }));
    const fresh = shardReplicates(pending, { index: 2, count: 3 }, () => 41);
    const later = shardReplicates(half, { index: 2, count: 3 }, () => 41);
    later.forEach(({ missing }, i) => {
      const all = Array.from(fresh[i].missing.slice(0, 99));
      expect(Array.from(missing.slice(0, 99))).toEqual([3, 5, 20].filter((r) => all.includes(r)));
    });
  });
});
