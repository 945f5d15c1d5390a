import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { startCommand, temporaryFolder, writeStudy } from "./support.ts";

interface PlanJson {
  replicates: number;
  cpuMs: number;
  wallMs: number;
  bytes: number;
  bytesPerReplicate: number;
  points: { n: number; piloted: number; msEach: number }[];
  slopes: { k: number; expected: { halfWidth: number; range: number[] } | null; needed: number | null }[];
}

describe("plan", () => {
  test("pilots the small sizes, forecasts time, disk and half-widths, and writes nothing", async () => {
    const folder = temporaryFolder();
    const study = writeStudy(folder, { sizes: [200, 400, 800, 200_000], replicates: 40 });
    const before = readdirSync(folder);
    const { code, out } = await startCommand([
      "plan",
      study,
      "--threads",
      "1",
      "--budget",
      "0",
      "--pilot",
      "5",
      "--json",
    ]).ended;
    expect(code).toBe(0);
    const plan = JSON.parse(out) as PlanJson;
    expect(plan.replicates).toBe(2 * 4 * 40);
    expect(plan.points.map(({ piloted }) => piloted)).toEqual([5, 5, 0, 0, 5, 5, 0, 0]);
    expect(plan.points[3].msEach).toBeGreaterThan(plan.points[1].msEach);
    expect(plan.cpuMs).toBeCloseTo(
      plan.points.reduce((sum, { msEach }) => sum + 40 * msEach, 0),
      6,
    );
    expect(plan.wallMs).toBeGreaterThanOrEqual(plan.points[3].msEach);
    expect(plan.bytesPerReplicate).toBeGreaterThan(100);
    expect(plan.bytesPerReplicate).toBeLessThan(20_000);
    for (const { expected, needed } of plan.slopes) {
      expect(expected!.range[0]).toBeLessThan(expected!.halfWidth);
      expect(needed).toBeGreaterThan(1);
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  test("reports every problem of a study with exit code 2", async () => {
    const folder = temporaryFolder();
    const study = writeStudy(folder, { losses: ["voronoi-d0"] });
    const { code, err } = await startCommand(["plan", study]).ended;
    expect(code).toBe(2);
    expect(err).toContain("losses[0]");
  });
});
