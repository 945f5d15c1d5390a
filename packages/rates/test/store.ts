import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { storeViews, tQuantileRows, type LossRow } from "../src/index.ts";

/** The columns of a store that the views read, and one that they do not. */
const tables = [
  "CREATE TABLE designs(design VARCHAR, name VARCHAR, k INTEGER)",
  "CREATE TABLE design_points(design_point VARCHAR PRIMARY KEY, design VARCHAR, n BIGINT, k INTEGER)",
  `CREATE TABLE replicates(design_point VARCHAR, replicate INTEGER, status VARCHAR, certified BOOLEAN, local BOOLEAN,
    audited BOOLEAN, beaten BOOLEAN, wall_ms DOUBLE, cpu_ms DOUBLE, run INTEGER, tightened_change DOUBLE, PRIMARY KEY (design_point, replicate))`,
  "CREATE TABLE losses(design_point VARCHAR, replicate INTEGER, loss VARCHAR, component VARCHAR, value DOUBLE)",
  "CREATE TABLE atoms(design_point VARCHAR, replicate INTEGER, atom INTEGER, cell INTEGER, parameter VARCHAR, value DOUBLE)",
  "CREATE TABLE t_quantiles(df INTEGER, p DOUBLE, t DOUBLE)",
];

/** An in-memory DuckDB with the store's tables, the t quantiles and the views. */
export async function emptyStore(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  for (const statement of tables) await connection.run(statement);
  const quantiles = await connection.createAppender("t_quantiles");
  for (const { df, p, t } of tQuantileRows()) {
    quantiles.appendInteger(df);
    quantiles.appendDouble(p);
    quantiles.appendDouble(t);
    quantiles.endRow();
  }
  quantiles.closeSync();
  for (const statement of storeViews()) await connection.run(statement);
  return connection;
}

/** Replaces the losses of a store by `rows`, with the design points and replicates that they imply. */
export async function fillLosses(store: DuckDBConnection, rows: readonly LossRow[]): Promise<void> {
  for (const table of ["design_points", "replicates", "losses"]) await store.run(`DELETE FROM ${table}`);
  const points = new Map(rows.map((row) => [`${row.design}/${row.n}`, row]));
  const replicates = new Map(rows.map((row) => [`${row.design}/${row.n}/${row.replicate}`, row]));
  for (const [id, row] of points) {
    await store.run("INSERT INTO design_points VALUES ($1, $2, $3, $4)", [id, row.design, row.n, row.k]);
  }
  const replicateRows = await store.createAppender("replicates");
  for (const row of replicates.values()) {
    replicateRows.appendVarchar(`${row.design}/${row.n}`);
    replicateRows.appendInteger(row.replicate);
    replicateRows.appendVarchar("converged");
    replicateRows.appendBoolean(row.certified);
    for (let column = 0; column < 7; column++) replicateRows.appendNull();
    replicateRows.endRow();
  }
  replicateRows.closeSync();
  const lossRows = await store.createAppender("losses");
  for (const row of rows) {
    lossRows.appendVarchar(`${row.design}/${row.n}`);
    lossRows.appendInteger(row.replicate);
    lossRows.appendVarchar(row.loss);
    lossRows.appendVarchar(row.component);
    if (row.value === null) lossRows.appendNull();
    else lossRows.appendDouble(row.value);
    lossRows.endRow();
  }
  lossRows.closeSync();
}

/** All rows of a query as objects; 64-bit integers become numbers. */
export async function query(store: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const reader = await store.runAndReadAll(sql);
  return reader
    .getRowObjectsJS()
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, typeof value === "bigint" ? Number(value) : value]),
      ),
    );
}
