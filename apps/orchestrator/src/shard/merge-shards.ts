import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError } from "../input-error.ts";
import { openMemoryDatabase, quoted } from "../store/duckdb-instance.ts";
import { openWhenFree } from "../store/open-when-free.ts";
import { contradictingRound, readRounds } from "../store/rounds.ts";
import type { StoredRoundEntry } from "../store/rounds.ts";
import { storeFormat } from "../store/schema.ts";
import { select } from "../store/select.ts";
import { enterShard } from "./enter-shard.ts";
import { findOverlaps } from "./find-overlaps.ts";
import { readStoredDesigns } from "../store/stored-study.ts";
import { upgradeStore } from "../store/upgrade-store.ts";
import { readShard, type ShardManifest } from "./shard-manifest.ts";

/** What a merge did. */
export interface MergeReport {
  readonly shards: readonly { readonly file: string; readonly added: number; readonly present: number }[];
  /** Design points that lack replicates, with how many. */
  readonly gaps: readonly { readonly designPoint: string; readonly missing: number }[];
  /** Shards of the same division that were not among the files, "i/N", when rows are missing. */
  readonly absent: readonly string[];
  /** Whether the study has a precision target: what comes next is decided from the merged rows. */
  readonly target: boolean;
}

interface ShardFile {
  readonly file: string;
  readonly manifest: ShardManifest;
}

/** Rows of one transaction at least, unless no more come: the database is brought in order once per transaction. */
const rowsPerCommit = 1_000_000;

/** Merges shard files into a database, created when it does not exist. The order of the files does not matter and a file merged twice adds
 *  nothing. Every file is checked before the first row is written; a shard comes whole or not at all, and a merge that was stopped is finished by the same
 *  command. Throws InputError naming the file that is damaged, belongs to another study, or contradicts a row that is there. */
export async function mergeShards(
  database: string,
  shown: string,
  files: readonly string[],
): Promise<MergeReport> {
  const memory = await openMemoryDatabase();
  try {
    const { connection } = memory;
    const shards: ShardFile[] = [];
    for (const file of files) shards.push({ file, manifest: await readShard(connection, file) });
    await prepareDatabase(database, shown, shards);
    await connection.run(`SET temp_directory = ${quoted.text(`${database}.tmp`)}`);
    await connection.run(`ATTACH ${quoted.text(database)} AS study`);
    await connection.run("USE study");
    const overlapping = await findOverlaps(connection, shown, files);
    const merged: MergeReport["shards"][number][] = [];
    let uncommitted = 0;
    for (const { file, manifest } of shards) {
      if (uncommitted === 0) await connection.run("BEGIN");
      const added = await enterShard(connection, file, manifest, overlapping.has(file));
      merged.push({ file, added, present: manifest.rows - added });
      uncommitted += Math.max(1, added);
      if (uncommitted < rowsPerCommit) continue;
      await connection.run("COMMIT");
      uncommitted = 0;
    }
    if (uncommitted > 0) await connection.run("COMMIT");
    const gaps = await readGaps(connection);
    const target = shards.some(({ manifest }) => hasTarget(manifest));
    return { shards: merged, gaps, absent: gaps.length > 0 ? absentShards(shards) : [], target };
  } finally {
    memory.close();
  }
}

/** Creates or upgrades the database and refuses shards of another study. */
async function prepareDatabase(database: string, shown: string, shards: readonly ShardFile[]): Promise<void> {
  const first = shards[0];
  if (!first) throw new InputError("merge: no shard file given");
  const ids = (manifest: ShardManifest) => manifest.designs.map(([design]) => String(design)).join(", ");
  for (const { file, manifest } of shards)
    if (ids(manifest) !== ids(first.manifest) || manifest.storeFormat !== first.manifest.storeFormat)
      throw new InputError(
        `${file} is a shard of another study than ${first.file}: its designs are ${ids(manifest)}, those are ${ids(first.manifest)}`,
      );
  if (first.manifest.storeFormat > storeFormat)
    throw new InputError(
      `${first.file} was written by a newer version of moe-rates; merge it with that version`,
    );
  const open = await openWhenFree(database, shown);
  try {
    const stored = await readStoredDesigns(open.connection);
    const known = new Set(stored.map(({ id }) => id));
    const foreign = first.manifest.designs.filter(([design]) => !known.has(String(design)));
    if (stored.length > 0 && foreign.length > 0)
      throw new InputError(
        `${first.file} is a shard of another study than ${shown}: design ${String(foreign[0]?.[0])} is not in it`,
      );
    await upgradeStore(open.connection);
    refuseOtherRounds(shown, await readRounds(open.connection), shards);
  } finally {
    open.close();
  }
}

/** Rounds are decided from the same rows: a shard that knows another decision had other rows before it. */
function refuseOtherRounds(
  shown: string,
  stored: readonly StoredRoundEntry[],
  shards: readonly ShardFile[],
): void {
  const known = [...stored];
  for (const { file, manifest } of shards) {
    const rounds = manifest.rounds ?? [];
    const round = contradictingRound(rounds, known);
    if (round !== null)
      throw new InputError(
        `${file}: its round ${round} has other replicates than that of ${shown} or of another shard; run it again with --after ${shown}`,
      );
    const numbers = new Set(known.map((entry) => entry.round));
    known.push(...rounds.filter((entry) => !numbers.has(entry.round)));
  }
}

function readGaps(connection: DuckDBConnection): Promise<MergeReport["gaps"][number][]> {
  return select(
    connection,
    `SELECT p.design_point AS "designPoint", any_value(p.planned) - count(r.replicate) AS missing
     FROM design_points p LEFT JOIN replicates r USING (design_point) GROUP BY p.design_point HAVING missing > 0 ORDER BY 1`,
  );
}

function hasTarget({ study }: ShardManifest): boolean {
  return "target" in (JSON.parse(study.definition) as object);
}

function absentShards(shards: readonly ShardFile[]): string[] {
  const counts = new Set(shards.map(({ manifest }) => manifest.count));
  if (counts.size !== 1) return [];
  const [count = 0] = counts;
  const there = new Set(shards.map(({ manifest }) => manifest.index));
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => !there.has(index))
    .map((index) => `${index}/${count}`);
}
