import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  allReplicates,
  countReplicateTasks,
  estimateReplicateMs,
  mixedStarts,
  type PendingPoint,
  replicateTasks,
  taskCosts,
} from "../src/index.ts";

const pendingPoint = (n: number, replicates: number, k = 3): PendingPoint => ({
  point: { id: `d${k}/${n}`, design: `d${k}`, n, k },
  parameters: 5 * k,
  starts: mixedStarts,
  missing: Array.from({ length: replicates }, (_, i) => i),
});

describe("replicate tasks", () => {
  test("batch short replicates to at least 20 ms and leave long ones alone", () => {
    const starts = { random: 1 };
    const short = [...replicateTasks([{ ...pendingPoint(100, 500), starts }])];
    expect(short.every((task) => task.estimatedMs >= taskCosts.minimumMs)).toBe(true);
    expect(Math.max(...short.map((task) => task.replicates.length))).toBeLessThanOrEqual(
      taskCosts.maximumReplicates,
    );
    const long = [...replicateTasks([pendingPoint(100_000, 5)])];
    expect(long.map((task) => task.replicates)).toEqual([[0], [1], [2], [3], [4]]);
  });

  test("start with the longest", () => {
    const tasks = [
      ...replicateTasks([pendingPoint(1000, 3), pendingPoint(64_000, 3), pendingPoint(64_000, 3, 4)]),
    ];
    expect(tasks.slice(0, 7).map((task) => task.designPoint)).toEqual([
      "d4/64000",
      "d4/64000",
      "d4/64000",
      "d3/64000",
      "d3/64000",
      "d3/64000",
      "d3/1000",
    ]);
  });

  test("hold every missing replicate exactly once, in bounded batches", () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 300 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(points, (sizes) => {
        const pending = sizes.map(([n, replicates], i) => pendingPoint(n, replicates, i + 1));
        const tasks = [...replicateTasks(pending)];
        expect(countReplicateTasks(pending)).toBe(tasks.length);
        for (const { point, missing } of pending) {
          const mine = tasks.filter((task) => task.designPoint === point.id);
          expect(mine.flatMap((task) => task.replicates).toSorted((a, b) => a - b)).toEqual(missing);
        }
        for (const task of tasks) {
          expect(task.replicates.length).toBeGreaterThan(0);
          expect(task.replicates.length).toBeLessThanOrEqual(taskCosts.maximumReplicates);
        }
        expect(tasks.map((task) => task.estimatedMs)).toEqual(
          tasks.map((task) => task.estimatedMs).toSorted((a, b) => b - a),
        );
      }),
      { seed: 20250405 },
    );
  });

  test("of a hundred million replicates cost nothing until they are asked for", () => {
    const pending = Array.from({ length: 100 }, (_, i) => ({
      ...pendingPoint(1000 * (i + 1), 0),
      missing: allReplicates(1e6),
    }));
    expect(countReplicateTasks(pending)).toBe(1e8);
    const [first, second] = replicateTasks(pending);
    expect([first.n, first.replicates, second.replicates]).toEqual([100_000, [0], [1]]);
  });

  test("cost grows with n, parameters and starts", () => {
    const base = pendingPoint(1000, 1);
    const ms = estimateReplicateMs(base);
    expect(estimateReplicateMs(pendingPoint(2000, 1))).toBeGreaterThan(ms);
    const large = estimateReplicateMs(pendingPoint(1_000_000, 1));
    expect(estimateReplicateMs(pendingPoint(2_000_000, 1))).toBeGreaterThan(1.9 * large);
    expect(estimateReplicateMs({ ...base, parameters: 30 })).toBeGreaterThan(2 * ms);
    expect(estimateReplicateMs({ ...base, starts: { random: 1 } })).toBeLessThan(ms);
  });
});
