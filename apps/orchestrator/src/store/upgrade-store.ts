import type { DuckDBConnection } from "@duckdb/node-api";
import { storeViews } from "@moe-rates/rates";
import { storeFormat, upgrades } from "./schema.ts";
import { select } from "./select.ts";

/** Format of an open store: that of the version that last wrote its study. */
export async function readStoreFormat(connection: DuckDBConnection): Promise<number> {
  const [row] = await select<{ format: number | null }>(
    connection,
    "SELECT max(format) AS format FROM studies",
  );
  return row?.format ?? storeFormat;
}

/** Brings a store of an older format to this one, in one transaction. */
export async function upgradeStore(connection: DuckDBConnection): Promise<void> {
  const format = await readStoreFormat(connection);
  if (format >= storeFormat) return;
  await connection.run("BEGIN");
  try {
    for (let to = format + 1; to <= storeFormat; to++)
      for (const statement of upgrades[to] ?? []) await connection.run(statement);
    for (const view of storeViews()) await connection.run(view);
    await connection.run(`UPDATE studies SET format = ${storeFormat}`);
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Gives a connection to an older store the views of this version, beside the file's own and without touching it. */
export async function shadowViews(connection: DuckDBConnection): Promise<void> {
  for (const view of storeViews())
    await connection.run(view.replace(/^CREATE OR REPLACE (VIEW|MACRO)/, "CREATE OR REPLACE TEMP $1"));
}
