import type { DuckDBConnection } from "@duckdb/node-api";

/** Removes the rows of failed replicates, so that they are missing and run again. */
export async function forgetFailures(connection: DuckDBConnection): Promise<void> {
  await connection.run("BEGIN");
  try {
    for (const table of ["atoms", "losses", "replicates"]) {
      await connection.run(
        `DELETE FROM ${table} USING failures f WHERE ${table}.design_point = f.design_point AND ${table}.replicate = f.replicate`,
      );
    }
    await connection.run("DELETE FROM failures");
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
