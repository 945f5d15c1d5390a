import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError } from "../input-error.ts";
import { quoted } from "../store/duckdb-instance.ts";
import { select } from "../store/select.ts";

/** Columns of a replicate that its key does not determine: times and runs. */
const incidental = "wall_ms, cpu_ms, run";
/** Columns of a shard that are tables of the database. */
const nested = "losses, atoms, failure";

/** The files with replicates that another file or the attached study holds too. Throws InputError naming the file and the replicate when the same
 *  replicate has two results. */
export async function findOverlaps(
  connection: DuckDBConnection,
  shown: string,
  files: readonly string[],
): Promise<Set<string>> {
  const shards = `read_parquet([${files.map((file) => quoted.text(file)).join(", ")}], filename = true)`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE overlap AS SELECT design_point, replicate FROM (
       SELECT design_point, replicate FROM ${shards} UNION ALL SELECT design_point, replicate FROM replicates)
     GROUP BY ALL HAVING count(*) > 1`,
  );
  const [found] = await select<{ count: number }>(connection, "SELECT count(*) AS count FROM overlap");
  if (found?.count === 0) return new Set();
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW twice AS
     SELECT filename AS origin, * EXCLUDE (filename, ${incidental}, ${nested}) FROM ${shards} SEMI JOIN overlap USING (design_point, replicate)
     UNION ALL BY NAME
     SELECT ${quoted.text(shown)} AS origin, * EXCLUDE (${incidental}) FROM replicates SEMI JOIN overlap USING (design_point, replicate)`,
  );
  const [conflict] = await select<{ design_point: string; replicate: number }>(
    connection,
    `SELECT design_point, replicate FROM (SELECT DISTINCT * EXCLUDE (origin) FROM twice)
     GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1`,
  );
  const origins = await select<{ origin: string }>(
    connection,
    conflict === undefined
      ? "SELECT DISTINCT origin FROM twice"
      : `SELECT DISTINCT origin FROM twice WHERE design_point = ${quoted.text(conflict.design_point)} AND replicate = ${conflict.replicate}`,
  );
  const names = origins.map(({ origin }) => origin);
  if (conflict === undefined) return new Set(names);
  const file = names.find((name) => name !== shown) ?? shown;
  throw new InputError(
    `${file} contradicts ${names.find((name) => name !== file) ?? file}: replicate ${conflict.replicate} of ${conflict.design_point} has other results there; they come from different machines or versions`,
  );
}
