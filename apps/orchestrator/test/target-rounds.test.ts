import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { select } from "../src/store/select.ts";
import { openForReading } from "../src/store/store-file.ts";
import {
  command,
  fakeRun,
  readResults,
  startCommand,
  startFakeRun,
  temporaryFolder,
  until,
  writeStudy,
} from "./support.ts";

const sizes = [200, 400, 800, 1600];

function targetStudy(folder: string, halfWidth: number, max: number): string {
  return writeStudy(folder, {
    sizes,
    replicates: `{target: {slopeHalfWidth: ${halfWidth}}, initial: 6, max: ${max}}`,
  });
}

async function replicatesPerPoint(
  file: string,
): Promise<{ n: number; replicates: number; planned: number }[]> {
  const database = await openForReading(file);
  const rows = await select<{ n: number; replicates: number; planned: number }>(
    database.connection,
    `SELECT n, count(replicate) AS replicates, any_value(planned) AS planned
     FROM design_points LEFT JOIN replicates USING (design_point) GROUP BY design_point, n ORDER BY design_point`,
  );
  database.close();
  return rows;
}

describe("a study with a target", () => {
  test("adds replicates in rounds until every design has met it, and a second run adds none", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "a.duckdb");
    const study = targetStudy(folder, 0.02, 400);
    const { targets, added } = await fakeRun(study, out, 2, {});
    expect(targets).toHaveLength(2);
    for (const { state, halfWidth, target } of targets) {
      expect(state).toBe("met");
      expect(halfWidth!).toBeLessThanOrEqual(target);
    }
    expect(added).toBeGreaterThan(2 * sizes.length * 6);
    for (const { replicates, planned } of await replicatesPerPoint(out)) expect(replicates).toBe(planned);
    const before = await readResults(out);
    expect(before["rounds"]).not.toEqual([]);
    expect(await fakeRun(study, out, 1, {})).toMatchObject({ added: 0 });
    expect(await readResults(out)).toEqual(before);
  });

  test("gives the same rows and the same rounds with one thread, two threads, and after a kill in the middle of a round", async () => {
    const folder = temporaryFolder();
    const study = targetStudy(folder, 0.02, 400);
    const [one, two, killed] = ["one", "two", "killed"].map((name) => join(folder, `${name}.duckdb`));
    await fakeRun(study, one, 1, {});
    await fakeRun(study, two, 2, {});
    const child = startFakeRun(study, killed, 2, { holds: [200], holdsFrom: 6 });
    const firstRound = 2 * sizes.length * 6;
    await until(async () => {
      const { out } = await command(".", "query", killed, "SELECT count(*) AS n FROM replicates", "--json");
      return out !== "" && (JSON.parse(out) as { n: number }[])[0].n > firstRound;
    }, child);
    child.process.kill("SIGKILL");
    expect((await child.ended).signal).toBe("SIGKILL");
    const points = await replicatesPerPoint(killed);
    expect(points.filter(({ replicates, planned }) => replicates < planned).map(({ n }) => n)).toContain(200);
    await fakeRun(study, killed, 1, {});
    const expected = await readResults(one);
    expect(await readResults(two)).toEqual(expected);
    expect(await readResults(killed)).toEqual(expected);
  });

  test("stops at the most replicates and says so with exit code 4", async () => {
    const folder = temporaryFolder();
    const study = targetStudy(folder, 1e-6, 8);
    const file = join(folder, "capped.duckdb");
    const args = ["run", study, "--out", file, "--threads", "1"];
    const { code, out } = await startCommand([...args, "--json"]).ended;
    expect(code).toBe(4);
    const { targets } = JSON.parse(out) as { targets: { state: string; replicates: number[] }[] };
    expect(targets.map(({ state, replicates }) => [state, ...replicates])).toEqual([
      ["capped", 8, 8],
      ["capped", 8, 8],
    ]);
    const text = await startCommand(args).ended;
    expect(text.out).toMatch(/target 0.000001 of fit fit, k = 2: half-width .*, not met/);
  });

  test("continues with more rounds when the target is narrowed, keeping every replicate", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "a.duckdb");
    await fakeRun(targetStudy(folder, 0.03, 400), out, 1, {});
    const before = (await readResults(out))["losses"] as unknown[];
    const more = await fakeRun(targetStudy(folder, 0.015, 400), out, 1, {});
    expect(more.added).toBeGreaterThan(0);
    expect((await readResults(out))["losses"]).toEqual(expect.arrayContaining(before));
  });

  test("is described by validate with the replicates of its first round", async () => {
    const folder = temporaryFolder();
    const study = targetStudy(folder, 0.02, 400);
    const { out } = await command(folder, "validate", study);
    expect(out).toContain("6 replicates each at first, at most 400, until the slope's half-width is 0.02");
    expect(readFileSync(study, "utf8")).toContain("slopeHalfWidth");
  });
});
