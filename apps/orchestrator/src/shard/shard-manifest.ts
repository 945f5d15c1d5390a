import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError } from "../input-error.ts";
import { quoted } from "../store/duckdb-instance.ts";
import type { StoredRoundEntry } from "../store/rounds.ts";
import { select } from "../store/select.ts";

/** What a shard file says of itself, in the metadata of its Parquet footer under the key `moe-rates`. */
export interface ShardManifest {
  readonly writtenBy: "moe-rates shard";
  /** Layout of shard files. */
  readonly layout: 1;
  /** Format of the store its rows come from. */
  readonly storeFormat: number;
  readonly index: number;
  readonly count: number;
  readonly study: { readonly name: string; readonly definition: string };
  /** Rows of `designs` and `design_points`, values in the order of the columns. */
  readonly designs: readonly (string | number)[][];
  readonly points: readonly (string | number)[][];
  /** Decisions up to the round it belongs to, of a study with a target; absent in files of earlier versions. */
  readonly rounds?: readonly StoredRoundEntry[];
  /** Rows of `runs` that made the replicates, as JSON objects. */
  readonly runs: readonly Readonly<Record<string, unknown>>[];
  readonly rows: number;
  /** MD5 over all rows in the order of their keys; see `shardChecksum`. */
  readonly checksum: string;
}

export const manifestKey = "moe-rates";

/** MD5 of the text of all rows, in the order of their keys: doubles print with all their digits. `relation` is SQL. */
export async function shardChecksum(connection: DuckDBConnection, relation: string): Promise<string> {
  const [row] = await select<{ sum: string | null }>(
    connection,
    `SELECT md5(string_agg(md5(r::VARCHAR), '' ORDER BY design_point, replicate)) AS sum FROM ${relation} AS r`,
  );
  return row?.sum ?? "";
}

/** The manifest of a shard file, its rows checked against it. Throws InputError naming the file when it is no shard or damaged. */
export async function readShard(connection: DuckDBConnection, file: string): Promise<ShardManifest> {
  const manifest = await readManifest(connection, file);
  let checksum: string;
  try {
    checksum = await shardChecksum(connection, `read_parquet(${quoted.text(file)})`);
  } catch {
    throw new InputError(`${file} is damaged: its rows cannot be read; run the shard again`);
  }
  if (checksum !== manifest.checksum)
    throw new InputError(`${file} is damaged: its rows do not match its checksum; run the shard again`);
  return manifest;
}

/** The manifest of a shard file; its rows are not read. Throws InputError naming the file when it is no shard. */
export async function readManifest(connection: DuckDBConnection, file: string): Promise<ShardManifest> {
  let text: string | undefined;
  try {
    const [row] = await select<{ text: string }>(
      connection,
      `SELECT decode(value) AS text FROM parquet_kv_metadata(${quoted.text(file)}) WHERE decode(key) = '${manifestKey}'`,
    );
    text = row?.text;
  } catch {
    throw new InputError(`${file} is not a Parquet file that can be read`);
  }
  const manifest = text === undefined ? null : (JSON.parse(text) as ShardManifest);
  if (manifest?.writtenBy !== "moe-rates shard")
    throw new InputError(`${file} is not a shard of moe-rates run --shard`);
  if (manifest.layout !== 1)
    throw new InputError(`${file} was written by a newer version of moe-rates; merge it with that version`);
  return manifest;
}
