import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stream } from "@moe-rates/math";
import { beforeAll, describe, expect, test } from "vitest";
import { openDatabaseFile } from "../src/store/duckdb-instance.ts";
import { command, readResults, startCommand, temporaryFolder, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const options = { sizes: [100, 200, 400], replicates: 5, atoms: [2] };
const study = writeStudy(folder, options);
const local = join(folder, "local.duckdb");
const count = 7;
const shard = (index: number) => join(folder, `shard-${index}.parquet`);
const runShard = (index: number, more: string[] = []) =>
  startCommand([
    "run",
    study,
    "--shard",
    `${index}/${count}`,
    "--out",
    shard(index),
    "--threads",
    "1",
    ...more,
  ]).ended;

beforeAll(async () => {
  expect((await startCommand(["run", study, "--out", local, "--threads", "2"]).ended).code).toBe(0);
  for (let index = 1; index <= count; index++) expect((await runShard(index)).code).toBe(0);
});

describe("shards", () => {
  test("merged in random order, in two goes, one of them twice, leave the rows of a local run, bit for bit", async () => {
    const random = stream("order of shards");
    const order = Array.from({ length: count }, (_, i) => ({ index: i + 1, key: random.uniform() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ index }) => shard(index));
    const merged = join(folder, "merged.duckdb");
    const part = await command(folder, "merge", merged, ...order.slice(0, 3));
    expect(part.code).toBe(0);
    expect(part.out).toMatch(/missing: \d+ replicates .*shards (\d\/7(, )?){4} were not among the files/s);
    const rest = await command(folder, "merge", merged, ...order.slice(2), "--json");
    expect(JSON.parse(rest.out)).toMatchObject({ gaps: [], absent: [] });
    expect(await readResults(merged)).toEqual(await readResults(local));
    const again = await command(folder, "merge", merged, ...order);
    expect(again.out).toContain("0 replicates added");
    expect(await readResults(merged)).toEqual(await readResults(local));
  });

  test("can be merged into the database of a local run", async () => {
    const copy = join(folder, "copy.duckdb");
    copyFileSync(local, copy);
    const { code, out } = await command(folder, "merge", copy, shard(2));
    expect([code, out]).toEqual([0, expect.stringContaining("0 replicates added")]);
  });

  test("that are finished are left alone by a second start", async () => {
    const before = readFileSync(shard(4));
    const { code, out } = await runShard(4, ["--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ shard: "4/7", added: 0 });
    expect(readFileSync(shard(4)).equals(before)).toBe(true);
    expect(existsSync(`${shard(4)}.duckdb`)).toBe(false);
  });

  test("that are damaged are refused by name, and nothing is written", async () => {
    const bytes = readFileSync(shard(1));
    const damaged = join(folder, "damaged.parquet");
    const target = join(folder, "never.duckdb");
    const middle = 300;
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    for (const content of [bytes, bytes.subarray(0, bytes.length >> 1), Buffer.from("no parquet")]) {
      writeFileSync(damaged, content);
      const { code, err } = await command(folder, "merge", target, shard(2), damaged);
      expect([code, err]).toEqual([2, expect.stringContaining("damaged.parquet")]);
      expect(existsSync(target)).toBe(false);
    }
  });

  test("of another study are refused by name", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    const foreign = join(other, "foreign.parquet");
    const changed = readFileSync(study, "utf8").replace(/seed: \d+/, "seed: 99");
    writeFileSync(join(other, "tiny.yaml"), changed);
    const made = await startCommand(["run", join(other, "tiny.yaml"), "--shard", "1/9", "--out", foreign])
      .ended;
    expect(made.code).toBe(0);
    const target = join(folder, "merged.duckdb");
    const { code, err } = await command(folder, "merge", target, foreign);
    expect([code, err]).toEqual([2, expect.stringMatching(/foreign\.parquet is a shard of another study/)]);
    const mixed = await command(folder, "merge", join(folder, "new.duckdb"), shard(1), foreign);
    expect(mixed.code).toBe(2);
  });

  test("that contradict a row of the database are refused by name, and nothing changes", async () => {
    const other = join(folder, "contradicted.duckdb");
    copyFileSync(local, other);
    const database = await openDatabaseFile(other, "READ_WRITE");
    await database.connection.run("UPDATE replicates SET sse = sse + 1 WHERE replicate = 3");
    database.close();
    const before = await readResults(other);
    const { code, err } = await command(folder, "merge", other, ...[1, 2, 3, 4, 5, 6, 7].map(shard));
    const message =
      /shard-\d\.parquet contradicts .*contradicted\.duckdb: replicate 3 of .* has other results/;
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(await readResults(other)).toEqual(before);
  });

  test.each(["0/3", "4/3", "x", "1/0"])("--shard %s is refused", async (text) => {
    const { code, err } = await command(folder, "run", study, "--shard", text);
    expect([code, err]).toEqual([2, expect.stringContaining("expected i/N")]);
  });
});
