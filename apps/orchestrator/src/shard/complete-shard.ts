import { existsSync, rmSync } from "node:fs";
import type { Shard } from "@moe-rates/study";
import { runStudy, type RunPlan } from "../run-study.ts";
import { openMemoryDatabase } from "../store/duckdb-instance.ts";
import type { Terminal } from "../terminal.ts";
import { InputError } from "../input-error.ts";
import { isShardOf } from "./is-shard-of.ts";
import { readShard } from "./shard-manifest.ts";
import { writeShard } from "./write-shard.ts";

/** Runs what a shard lacks into a working database beside its file, then writes the file in one step and removes the database. A finished
 *  shard of the same designs is left alone, so that a job that is started twice does its work once. */
export async function completeShard(
  terminal: Terminal,
  plan: RunPlan & { readonly shard: Shard },
): Promise<{ added: number; failed: number; rows: number }> {
  const { out, shownOut, shard } = plan;
  if (existsSync(out)) return finishedShard(plan);
  const database = `${out}.duckdb`;
  const { added, failed } = await runStudy(terminal, {
    ...plan,
    out: database,
    shownOut: `${shownOut}.duckdb`,
  });
  const rows = await writeShard(database, out, shard);
  for (const suffix of ["", ".wal"]) rmSync(`${database}${suffix}`, { force: true });
  return { added, failed, rows };
}

async function finishedShard({ out, shownOut, shard, loaded, round }: RunPlan & { readonly shard: Shard }) {
  const memory = await openMemoryDatabase();
  try {
    const manifest = await readShard(memory.connection, out);
    const { index, count, rows } = manifest;
    if (index !== shard.index || !isShardOf(manifest, shard.count, loaded, round))
      throw new InputError(
        `${shownOut} is shard ${index}/${count} of other designs, sizes or replicates; give another --out`,
      );
    const failed = await memory.connection.runAndReadAll(
      "SELECT count(*) FROM read_parquet($1) WHERE failure IS NOT NULL",
      [out],
    );
    return { added: 0, failed: Number(failed.getRowsJS()[0]?.[0] ?? 0), rows };
  } finally {
    memory.close();
  }
}
