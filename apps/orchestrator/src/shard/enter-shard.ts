import type { DuckDBConnection } from "@duckdb/node-api";
import { quoted } from "../store/duckdb-instance.ts";
import { enterRounds } from "../store/rounds.ts";
import { storeFormat } from "../store/schema.ts";
import { select } from "../store/select.ts";
import type { ShardManifest } from "./shard-manifest.ts";

/** Enters a shard into the attached study: its revision, designs, runs and rows. With `overlapping` only the rows that are not there yet. Returns how many
 *  were added. The shard's rows are in the order of their keys, and stay so. */
export async function enterShard(
  connection: DuckDBConnection,
  file: string,
  manifest: ShardManifest,
  overlapping: boolean,
): Promise<number> {
  let [rows, added] = [`read_parquet(${quoted.text(file)})`, manifest.rows];
  if (overlapping) {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE fresh AS FROM ${rows} ANTI JOIN replicates USING (design_point, replicate)
       ORDER BY design_point, replicate`,
    );
    const [counted] = await select<{ count: number }>(connection, "SELECT count(*) AS count FROM fresh");
    [rows, added] = ["fresh", counted?.count ?? 0];
  }
  await enterShardStudy(connection, manifest);
  if (added === 0) return 0;
  const shift = await enterRuns(connection, manifest);
  await connection.run(
    `INSERT INTO replicates SELECT * EXCLUDE (losses, atoms, failure) REPLACE (run + ${shift} AS run) FROM ${rows}`,
  );
  await connection.run(
    `INSERT INTO losses SELECT design_point, replicate, l.loss, l.component, l.value
     FROM (SELECT design_point, replicate, unnest(losses) AS l FROM ${rows})`,
  );
  await connection.run(
    `INSERT INTO atoms SELECT design_point, replicate, a.atom, a.cell, a.parameter, a.value
     FROM (SELECT design_point, replicate, unnest(atoms) AS a FROM ${rows})`,
  );
  await connection.run(
    `INSERT INTO failures SELECT design_point, replicate, failure.kind, failure.message, failure.replay FROM ${rows} WHERE failure IS NOT NULL`,
  );
  return added;
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
  await enterRounds(connection, manifest.rounds ?? []);
}

/** Runs of a shard get the next free numbers. Returns what is added to its run numbers. */
async function enterRuns(connection: DuckDBConnection, manifest: ShardManifest): Promise<number> {
  const [last] = await select<{ run: number }>(connection, "SELECT coalesce(max(run), 0) AS run FROM runs");
  const shift = last?.run ?? 0;
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
