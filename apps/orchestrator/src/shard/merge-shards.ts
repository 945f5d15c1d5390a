import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError } from "../input-error.ts";
import { openMemoryDatabase, quoted } from "../store/duckdb-instance.ts";
import { openWhenFree } from "../store/open-when-free.ts";
import { storeFormat } from "../store/schema.ts";
import { select } from "../store/select.ts";
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
}

interface ShardFile {
  readonly file: string;
  readonly manifest: ShardManifest;
}

/** Columns that a replicate determines: all but its times and its run. */
const results = "* EXCLUDE (wall_ms, cpu_ms, run)";

/** Merges shard files into a database, created when it does not exist. The order of the files does not matter and a file merged twice adds
 *  nothing. Every file is checked before the first row is written; all rows come in one transaction. Throws InputError naming the file that is
 *  damaged, belongs to another study, or contradicts a row that is there. */
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
    await connection.run(`ATTACH ${quoted.text(database)} AS study`);
    await connection.run("USE study");
    await connection.run("BEGIN");
    try {
      const merged: MergeReport["shards"][number][] = [];
      for (const shard of shards) merged.push(await mergeOne(connection, shown, shard));
      await connection.run("COMMIT");
      const gaps = await readGaps(connection);
      return { shards: merged, gaps, absent: gaps.length > 0 ? absentShards(shards) : [] };
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
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
  } finally {
    open.close();
  }
}

async function mergeOne(
  connection: DuckDBConnection,
  shown: string,
  { file, manifest }: ShardFile,
): Promise<MergeReport["shards"][number]> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE shard AS FROM read_parquet(${quoted.text(file)})`);
  const [conflict] = await select<{ design_point: string; replicate: number }>(
    connection,
    `SELECT design_point, replicate FROM (
       (SELECT ${results.replace("run)", "run, losses, atoms, failure)")} FROM shard SEMI JOIN replicates USING (design_point, replicate))
       EXCEPT (SELECT ${results} FROM replicates)) LIMIT 1`,
  );
  if (conflict)
    throw new InputError(
      `${file} contradicts ${shown}: replicate ${conflict.replicate} of ${conflict.design_point} has other results there; they come from different machines or versions`,
    );
  await enterShardStudy(connection, manifest);
  const shift = await enterRuns(connection, manifest);
  await connection.run(
    "CREATE OR REPLACE TEMP TABLE fresh AS FROM shard ANTI JOIN replicates USING (design_point, replicate)",
  );
  await connection.run(
    `INSERT INTO replicates SELECT * EXCLUDE (losses, atoms, failure) REPLACE (run + ${shift} AS run) FROM fresh ORDER BY design_point, replicate`,
  );
  await connection.run(
    `INSERT INTO losses SELECT design_point, replicate, l.loss, l.component, l.value
     FROM (SELECT design_point, replicate, unnest(losses) AS l FROM fresh ORDER BY design_point, replicate)`,
  );
  await connection.run(
    `INSERT INTO atoms SELECT design_point, replicate, a.atom, a.cell, a.parameter, a.value
     FROM (SELECT design_point, replicate, unnest(atoms) AS a FROM fresh ORDER BY design_point, replicate)`,
  );
  await connection.run(
    `INSERT INTO failures SELECT design_point, replicate, failure.kind, failure.message, failure.replay FROM fresh WHERE failure IS NOT NULL`,
  );
  const [counted] = await select<{ added: number }>(connection, "SELECT count(*) AS added FROM fresh");
  const added = counted?.added ?? 0;
  return { file, added, present: manifest.rows - added };
}

async function enterShardStudy(connection: DuckDBConnection, manifest: ShardManifest): Promise<void> {
  const { name, definition } = manifest.study;
  await connection.run(
    `INSERT INTO studies SELECT coalesce(max(revision), 0) + 1, $1, ${storeFormat}, $2, now()::TIMESTAMP FROM studies
     HAVING count(*) FILTER (definition = $2) = 0`,
    [name, definition],
  );
  for (const row of manifest.designs)
    await connection.run(
      "INSERT INTO designs VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
      row,
    );
  for (const [point = "", design = "", n = 0, k = 0, planned = 0] of manifest.points)
    await connection.run(
      `INSERT INTO design_points VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET planned = greatest(planned, excluded.planned)`,
      [point, design, n, k, planned],
    );
}

/** Runs of a shard get the next free numbers; a shard merged again brings none. Returns what is added to its run numbers. */
async function enterRuns(connection: DuckDBConnection, manifest: ShardManifest): Promise<number> {
  const [last] = await select<{ run: number }>(connection, "SELECT coalesce(max(run), 0) AS run FROM runs");
  const shift = last?.run ?? 0;
  const [fresh] = await select<{ count: number }>(
    connection,
    "SELECT count(*) AS count FROM shard ANTI JOIN replicates USING (design_point, replicate)",
  );
  if (fresh?.count === 0) return shift;
  const revision = "(SELECT max(revision) FROM studies)";
  for (const run of manifest.runs) {
    const columns = Object.keys(run);
    await connection.run(
      `INSERT INTO runs BY NAME SELECT * REPLACE (run + ${shift} AS run, ${revision} AS revision)
       FROM (SELECT unnest(from_json($1, '${JSON.stringify(Object.fromEntries(columns.map((name) => [name, runTypes[name] ?? "VARCHAR"])))}')))`,
      [JSON.stringify(run)],
    );
  }
  return shift;
}

const runTypes: Readonly<Record<string, string>> = {
  run: "INTEGER",
  revision: "INTEGER",
  started: "TIMESTAMP",
  finished: "TIMESTAMP",
  cores: "INTEGER",
  threads: "INTEGER",
  main_cpu_ms: "DOUBLE",
};

function readGaps(connection: DuckDBConnection): Promise<MergeReport["gaps"][number][]> {
  return select(
    connection,
    `SELECT p.design_point AS "designPoint", any_value(p.planned) - count(r.replicate) AS missing
     FROM design_points p LEFT JOIN replicates r USING (design_point) GROUP BY p.design_point HAVING missing > 0 ORDER BY 1`,
  );
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
