#!/usr/bin/env node
/** What a merge costs by the number of rows: shards of copies of real replicates under new numbers, written and merged by the command's own code.
 *  Prints one JSON object per number of rows. Needs a build.
 *
 *  node tools/scale/merge-curve.mjs [--rows 100000,1000000] [--shards 10] */
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mergeShards } from "../../apps/orchestrator/dist/shard/merge-shards.js";
import { writeShard } from "../../apps/orchestrator/dist/shard/write-shard.js";
import { openMemoryDatabase } from "../../apps/orchestrator/dist/store/duckdb-instance.js";
import { runCommand } from "../reliability/run-command.mjs";
import { writeSmallStudy } from "../reliability/small-study.mjs";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "100000,1000000" },
    shards: { type: "string", default: "10" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "moe-rates-merge-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Replicates of the real run: one design at one size. */
const base = 100;
const study = writeSmallStudy(folder, { sizes: [100], atoms: [2], replicates: base });
const real = join(folder, "real.duckdb");
const { code, err } = await runCommand(["run", study, "--out", real, "--threads", "1"], { cwd: folder });
if (code !== 0) throw new Error(err);

/**
 * A database of `rows` replicates with numbers from `from` on.
 * @param {string} file
 * @param {number} from
 * @param {number} rows
 */
async function writeCopies(file, from, rows) {
  copyFileSync(real, file);
  const database = await openMemoryDatabase();
  try {
    await database.connection.run(`ATTACH '${file}' AS copy; ATTACH '${real}' AS base (READ_ONLY)`);
    for (const table of ["replicates", "losses", "atoms"])
      await database.connection.run(
        `DELETE FROM copy.${table};
         INSERT INTO copy.${table} SELECT b.* REPLACE ((b.replicate + ${from} + ${base} * k)::INTEGER AS replicate)
         FROM base.${table} AS b, range(${rows / base}) AS copies(k)`,
      );
  } finally {
    database.close();
  }
}

const seconds = (/** @type {number} */ since) => Number(((performance.now() - since) / 1000).toFixed(2));

for (const rows of values.rows.split(",").map(Number)) {
  const count = Number(values.shards);
  const files = Array.from({ length: count }, (_, i) => join(folder, `${rows}-${i + 1}.parquet`));
  let [writing, bytes] = [0, 0];
  for (const [i, file] of files.entries()) {
    const store = join(folder, "shard.duckdb");
    await writeCopies(store, (rows / count) * i, rows / count);
    const started = performance.now();
    await writeShard(store, file, { index: i + 1, count });
    writing += seconds(started);
    bytes += statSync(file).size;
    rmSync(store);
  }
  const merged = join(folder, `${rows}.duckdb`);
  const started = performance.now();
  const { shards } = await mergeShards(merged, merged, files);
  const mergeSeconds = seconds(started);
  const figures = {
    rows: shards.reduce((sum, { added }) => sum + added, 0),
    shards: count,
    writeSeconds: Number(writing.toFixed(2)),
    mergeSeconds,
    rowsPerSecond: Math.round(rows / mergeSeconds),
    shardBytesPerRow: Number((bytes / rows).toFixed(1)),
    databaseBytesPerRow: Number((statSync(merged).size / rows).toFixed(1)),
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  for (const file of [...files, merged]) rmSync(file);
}
