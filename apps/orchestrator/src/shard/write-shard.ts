import { renameSync, rmSync } from "node:fs";
import type { Shard } from "@moe-rates/study";
import { temporaryName } from "../atomic-file.ts";
import { openMemoryDatabase, quoted } from "../store/duckdb-instance.ts";
import { readRounds } from "../store/rounds.ts";
import { storeFormat } from "../store/schema.ts";
import { select } from "../store/select.ts";
import { manifestKey, shardChecksum, type ShardManifest } from "./shard-manifest.ts";

/** One row per replicate, with its losses, atoms and failure nested and in a fixed order. */
const shardRows = `
  WITH l AS (SELECT design_point, replicate, list({loss: loss, component: component, value: value} ORDER BY loss, component) AS losses
      FROM losses GROUP BY ALL),
    a AS (SELECT design_point, replicate,
        list({atom: atom, cell: cell, parameter: parameter, value: value} ORDER BY atom, parameter) AS atoms
      FROM atoms GROUP BY ALL),
    f AS (SELECT design_point, replicate, {kind: kind, message: message, replay: replay} AS failure FROM failures)
  SELECT r.*, losses, atoms, failure FROM replicates r LEFT JOIN l USING (design_point, replicate)
    LEFT JOIN a USING (design_point, replicate) LEFT JOIN f USING (design_point, replicate)
  ORDER BY r.design_point, r.replicate`;

/** Writes the replicates of a database as one Parquet file with its manifest, through a temporary name. Returns the number of rows. */
export async function writeShard(database: string, file: string, shard: Shard): Promise<number> {
  const memory = await openMemoryDatabase();
  const temporary = temporaryName(file);
  try {
    const { connection } = memory;
    await connection.run(`ATTACH ${quoted.text(database)} AS study (READ_ONLY)`);
    await connection.run("USE study");
    await connection.run(`CREATE TEMP TABLE shard AS ${shardRows}`);
    const values = async (sql: string) =>
      (await select<Record<string, string | number>>(connection, sql)).map((row) => Object.values(row));
    const [study] = await select<{ name: string; definition: string }>(
      connection,
      "SELECT name, definition FROM studies ORDER BY revision DESC LIMIT 1",
    );
    const [counted] = await select<{ rows: number }>(connection, "SELECT count(*) AS rows FROM shard");
    const manifest: ShardManifest = {
      writtenBy: "moe-rates shard",
      layout: 1,
      storeFormat,
      ...shard,
      study: study ?? { name: "", definition: "" },
      designs: await values("SELECT * FROM designs ORDER BY design"),
      points: await values("SELECT * FROM design_points ORDER BY design_point"),
      rounds: await readRounds(connection),
      runs: (
        await select<{ text: string }>(
          connection,
          "SELECT to_json(r)::VARCHAR AS text FROM runs r ORDER BY run",
        )
      ).map(({ text }) => JSON.parse(text) as Record<string, unknown>),
      rows: counted?.rows ?? 0,
      checksum: await shardChecksum(connection, "shard"),
    };
    await connection.run(
      `COPY shard TO ${quoted.text(temporary)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {'${manifestKey}': ${quoted.text(JSON.stringify(manifest))}})`,
    );
    renameSync(temporary, file);
    return manifest.rows;
  } finally {
    memory.close();
    rmSync(temporary, { force: true });
  }
}
