/** Compares result files in an in-memory DuckDB that has both attached. */
import { openMemoryDatabase } from "../../apps/orchestrator/dist/store/duckdb-instance.js";

/** Every result column; times and run numbers may differ. Numbers as text, which in DuckDB reads back to the same bits. */
const results = {
  replicates: "SELECT COLUMNS(* EXCLUDE (wall_ms, cpu_ms, run))::VARCHAR FROM",
  atoms: "SELECT COLUMNS(*)::VARCHAR FROM",
  losses: "SELECT COLUMNS(*)::VARCHAR FROM",
  failures: "SELECT COLUMNS(*)::VARCHAR FROM",
  designs: "SELECT COLUMNS(*)::VARCHAR FROM",
};

/**
 * Rows of `file` that `reference` does not hold, and counts. A file that is whole has `foreign`, `twice` and `torn` zero.
 * @param {string} file
 * @param {string} reference an uninterrupted run
 */
export async function compareWithReference(file, reference) {
  const database = await openMemoryDatabase();
  const { connection } = database;
  /** @param {string} sql */
  const count = async (sql) => Number((await connection.runAndReadAll(sql)).getRowsJS()[0]?.[0] ?? 0);
  try {
    await connection.run(`ATTACH '${file}' AS a (READ_ONLY)`);
    await connection.run(`ATTACH '${reference}' AS b (READ_ONLY)`);
    let [foreign, missing] = [0, 0];
    for (const [table, select] of Object.entries(results)) {
      foreign += await count(`SELECT count(*) FROM (${select} a.${table} EXCEPT ALL ${select} b.${table})`);
      missing += await count(`SELECT count(*) FROM (${select} b.${table} EXCEPT ALL ${select} a.${table})`);
    }
    const twice = await count(
      "SELECT count(*) FROM (FROM a.replicates SELECT design_point, replicate GROUP BY ALL HAVING count(*) > 1)",
    );
    const replicates = await count("SELECT count(*) FROM a.replicates");
    const torn = await tornReplicates(count);
    return { replicates, foreign, missing, twice, torn };
  } finally {
    database.close();
  }
}

/**
 * Replicates of `a` whose losses or atoms are not those of the same replicate in `b` in number, and such rows without a replicate.
 * @param {(sql: string) => Promise<number>} count
 */
async function tornReplicates(count) {
  let torn = 0;
  for (const table of ["atoms", "losses"]) {
    const per = (/** @type {string} */ from) =>
      `SELECT design_point, replicate, count(v.one) AS rows FROM ${from}.replicates
       LEFT JOIN (SELECT design_point, replicate, 1 AS one FROM ${from}.${table}) v USING (design_point, replicate) GROUP BY ALL`;
    torn += await count(
      `SELECT count(*) FROM (${per("a")}) x JOIN (${per("b")}) y USING (design_point, replicate) WHERE x.rows <> y.rows`,
    );
    torn += await count(
      `SELECT count(*) FROM a.${table} v ANTI JOIN a.replicates r USING (design_point, replicate)`,
    );
  }
  return torn;
}
