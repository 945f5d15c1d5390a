#!/usr/bin/env node
/** What a merge costs by the number of rows: shards of copies of real replicates under new numbers, written and merged by the command's own code.
 *  Prints one JSON object for the shards and one per number of rows. Needs a build.
 *
 *  node tools/scale/merge-curve.mjs [--rows 100000,1000000] [--shard-rows 100000] */
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
    "shard-rows": { type: "string", default: "100000" },
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

/** Starts two clocks: wall time, and processor time of all threads, which other work on the machine changes less. */
function clocks() {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wall: (performance.now() - wall) / 1000, cpu: (user + system) / 1e6 };
  };
}

const rounded = (/** @type {number} */ value, digits = 2) => Number(value.toFixed(digits));

const shardRows = Number(values["shard-rows"]);
const sizes = values.rows.split(",").map(Number);
const count = Math.ceil(Math.max(...sizes) / shardRows);
const files = Array.from({ length: count }, (_, i) => join(folder, `${i + 1}.parquet`));
let [writing, writingCpu, bytes] = [0, 0, 0];
for (const [i, file] of files.entries()) {
  const store = join(folder, "shard.duckdb");
  await writeCopies(store, shardRows * i, shardRows);
  const elapsed = clocks();
  await writeShard(store, file, { index: i + 1, count });
  const { wall, cpu } = elapsed();
  writing += wall;
  writingCpu += cpu;
  bytes += statSync(file).size;
  rmSync(store);
}
const perRow = 1 / (count * shardRows);
const written = {
  shards: count,
  rowsPerShard: shardRows,
  wallMicrosecondsPerRow: rounded(1e6 * writing * perRow, 1),
  cpuMicrosecondsPerRow: rounded(1e6 * writingCpu * perRow, 1),
  bytesPerRow: rounded(bytes * perRow, 1),
};
process.stdout.write(`${JSON.stringify(written)}\n`);

for (const rows of sizes) {
  const merged = join(folder, `${rows}.duckdb`);
  const elapsed = clocks();
  const { shards } = await mergeShards(merged, merged, files.slice(0, Math.ceil(rows / shardRows)));
  const { wall, cpu } = elapsed();
  const figures = {
    rows: shards.reduce((sum, { added }) => sum + added, 0),
    shards: shards.length,
    wallSeconds: rounded(wall),
    cpuSeconds: rounded(cpu),
    cpuMicrosecondsPerRow: rounded((1e6 * cpu) / rows, 1),
    bytesPerRow: rounded(statSync(merged).size / rows, 1),
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  rmSync(merged);
}
