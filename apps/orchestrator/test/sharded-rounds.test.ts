import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openDatabaseFile } from "../src/store/duckdb-instance.ts";
import { command, readResults, startCommand, temporaryFolder, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const study = writeStudy(folder, {
  sizes: [100, 200, 400],
  atoms: [2],
  losses: ["regression-l2"],
  replicates: "{target: {slopeHalfWidth: 0.15}, initial: 6, max: 60}",
});
const local = join(folder, "local.duckdb");
const merged = join(folder, "merged.duckdb");
const count = 3;
const part = (round: number, index: number) => join(folder, `${round}-${index}.parquet`);
const runShard = (index: number, out: string, ...more: string[]) =>
  startCommand(["run", study, "--shard", `${index}/${count}`, "--out", out, "--threads", "1", ...more]).ended;
const after = (file: string) => ["--after", file];

beforeAll(async () => {
  expect((await startCommand(["run", study, "--out", local, "--threads", "2"]).ended).code).toBe(0);
});

describe("a study with a target in shards", () => {
  test("has the rows and the rounds of a local run when every round was merged before the next, bit for bit", async () => {
    let round = 0;
    for (let next = true; next; round++) {
      const decided = round > 0 ? after(merged) : [];
      for (const index of [2, 1])
        expect((await runShard(index, part(round, index), ...decided)).code).toBe(0);
      next = existsSync(part(round, 1));
      if (!next) break;
      const early = await command(folder, "merge", merged, part(round, 1));
      expect(early.out).toContain("missing");
      // The last shard starts when others are merged: it takes its part of the round that is stored.
      const late = round > 0 ? after(merged) : [];
      expect((await runShard(3, part(round, 3), ...late)).code).toBe(0);
      const all = await command(folder, "merge", merged, part(round, 3), part(round, 2));
      expect(all.out).toContain(`--after ${merged}`);
    }
    expect(round).toBeGreaterThan(2);
    const results = await readResults(merged);
    expect(results["rounds"]).not.toEqual([]);
    expect(results).toEqual(await readResults(local));
    const done = await command(folder, "run", study, "--shard", "1/3", ...after(merged), "--json");
    expect(JSON.parse(done.out)).toMatchObject({ file: null, targets: [{ state: "met" }] });
    expect(await command(folder, "run", study, "--out", merged, "--json")).toMatchObject({ code: 0 });
    expect(await readResults(merged)).toEqual(await readResults(local));
  });

  test("leaves a finished shard of a round alone, and refuses its name for another round", async () => {
    const first = join(folder, "first.duckdb");
    await command(folder, "merge", first, ...[1, 2, 3].map((index) => part(0, index)));
    const before = readFileSync(part(1, 1));
    const again = await runShard(1, part(1, 1), ...after(first), "--json");
    expect(JSON.parse(again.out)).toMatchObject({ shard: "1/3", round: 1, added: 0 });
    expect(readFileSync(part(1, 1)).equals(before)).toBe(true);
    const other = await runShard(1, part(0, 1), ...after(first));
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("give another --out")]);
  });

  test("refuses a shard of a round that was decided from other rows, and nothing changes", async () => {
    const other = join(folder, "other.duckdb");
    copyFileSync(merged, other);
    const database = await openDatabaseFile(other, "READ_WRITE");
    await database.connection.run("UPDATE rounds SET replicates = replicates + 1 WHERE round = 1");
    database.close();
    const before = await readResults(other);
    const { code, err } = await command(folder, "merge", other, part(1, 2));
    expect([code, err]).toEqual([2, expect.stringMatching(/1-2\.parquet: its round 1 has other replicates/)]);
    expect(await readResults(other)).toEqual(before);
  });

  test.each([
    ["without --shard", ["run", study, ...after(merged)], /--after belongs to --shard/],
    [
      "of a database that is not there",
      ["run", study, "--shard", "1/3", ...after("none.duckdb")],
      /none\.duckdb: no such database/,
    ],
    [
      "of a study with a number of replicates",
      ["run", study, "--shard", "1/3", "--set", "design.replicates=5", ...after(merged)],
      /belongs to a study with a precision target/,
    ],
    [
      "of another study",
      ["run", study, "--shard", "1/3", "--set", "seed=8", ...after(merged)],
      /holds other results/,
    ],
  ])("refuses --after %s", async (_, args, message) => {
    const { code, err } = await command(folder, ...args);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
