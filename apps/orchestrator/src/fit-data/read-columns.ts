import { existsSync, readFileSync, statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { didYouMean } from "../command-line/did-you-mean.ts";
import { InputError, messageOf } from "../input-error.ts";
import { openMemoryDatabase, quoted } from "../store/duckdb-instance.ts";
import { select } from "../store/select.ts";
import { kindOf, kinds, tableFunction } from "./table-function.ts";

/** Numeric columns of a file, column after column: value of row i in column c is `values[c * rows + i]`. The memory is shared, workers read it in place. */
export interface NumericColumns {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly values: Float64Array;
}

const numericType = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*)$/;
const decimal = String.raw`[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`;

/** Reads columns of a CSV (with a header line) or Parquet file as finite numbers. Throws InputError naming file, line or row, column and
 *  what stood there, for the first cell that is missing, not a number or not finite. `shown` is the name of the file in messages. */
export async function readColumns(
  path: string,
  columns: readonly string[],
  shown: string,
): Promise<NumericColumns> {
  if (!kinds.includes(kindOf(path)))
    throw new InputError(`${shown}: unknown kind of file; known: ${kinds.join(", ")}`);
  if (!existsSync(path)) throw new InputError(`${shown}: no such file`);
  if (!statSync(path).isFile()) throw new InputError(`${shown} is not a file`);
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index);
  if (repeated !== undefined) throw new InputError(`${shown}: column ${repeated} is named twice`);
  const source = tableFunction(path, columns, shown);
  const database = await openMemoryDatabase();
  try {
    const { connection } = database;
    const cells = await cellExpressions(connection, source, columns, shown);
    await readable(shown, () =>
      connection.run(`CREATE TABLE cells AS SELECT ${cells.join(", ")} FROM ${source}`),
    );
    await checkCells(connection, columns, path, shown);
    return await numbers(connection, columns, shown);
  } finally {
    database.close();
  }
}

/** Text columns stay text until their cells are checked, numbers become doubles at once. */
async function cellExpressions(
  connection: DuckDBConnection,
  source: string,
  columns: readonly string[],
  shown: string,
): Promise<string[]> {
  const present = await readable(shown, () =>
    select<{ column_name: string; column_type: string }>(connection, `DESCRIBE SELECT * FROM ${source}`),
  );
  const names = present.map((column) => column.column_name);
  return columns.map((column) => {
    const found = present.find((one) => one.column_name === column);
    if (found === undefined)
      throw new InputError(
        `${shown}: no column "${column}"; it has ${names.join(", ")}${didYouMean(column, names)}`,
      );
    if (found.column_type !== "VARCHAR" && !numericType.test(found.column_type)) {
      throw new InputError(`${shown}: column ${column} holds ${found.column_type}, not numbers`);
    }
    const name = quoted.name(column);
    return found.column_type === "VARCHAR" ? `trim(${name}) AS ${name}` : `${name}::DOUBLE AS ${name}`;
  });
}

/** Finds the first bad cell of the whole file, in reading order. */
async function checkCells(
  connection: DuckDBConnection,
  columns: readonly string[],
  path: string,
  shown: string,
): Promise<void> {
  const tests = columns.map((column) => {
    const text = `${quoted.name(column)}::VARCHAR`;
    return `CASE WHEN regexp_full_match(${text}, '${decimal}') AND isfinite(TRY_CAST(${text} AS DOUBLE)) THEN NULL ELSE ${quoted.text(column)} END`;
  });
  const bad = await select<{ row: number; name: string }>(
    connection,
    `SELECT rowid AS row, name FROM (SELECT rowid, coalesce(${tests.join(", ")}) AS name FROM cells) WHERE name IS NOT NULL ORDER BY rowid LIMIT 1`,
  );
  const [first] = bad;
  if (first === undefined) return;
  const [cell] = await select<{ text: string | null }>(
    connection,
    `SELECT ${quoted.name(first.name)}::VARCHAR AS text FROM cells WHERE rowid = ${first.row}`,
  );
  throw new InputError(
    `${shown}, ${place(path, first.row)}, column ${first.name}: ${complaint(cell?.text ?? null)}`,
  );
}

function complaint(text: string | null): string {
  if (text === null || text.trim() === "") return "the cell is missing; every cell must hold a number";
  if (/^[+-]?(inf(inity)?|nan)$/i.test(text.trim())) return `${text.trim()} is not a finite number`;
  return /^[\d.eE+-]+$/.test(text.trim())
    ? `${text.trim()} is not a finite number`
    : `"${text.slice(0, 60)}" is not a number`;
}

/** Line of a CSV file when lines and rows correspond, otherwise the number of the data row. */
function place(path: string, row: number): string {
  if (kindOf(path) === ".parquet") return `row ${row + 1}`;
  const lines = readFileSync(path, "utf8").split(/\r\n|\n|\r/);
  const plain =
    lines.every((line, index) => line !== "" || index === lines.length - 1) &&
    !lines.some((line) => line.includes('"'));
  return plain ? `line ${row + 2}` : `data row ${row + 1}`;
}

async function numbers(
  connection: DuckDBConnection,
  columns: readonly string[],
  shown: string,
): Promise<NumericColumns> {
  const casts = columns.map((column) => `${quoted.name(column)}::DOUBLE`);
  const result = await connection.run(`SELECT ${casts.join(", ")} FROM cells ORDER BY rowid`);
  const chunks = await result.fetchAllChunks();
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  if (rows === 0) throw new InputError(`${shown} has no rows`);
  const values = new Float64Array(new SharedArrayBuffer(8 * rows * columns.length));
  let from = 0;
  for (const chunk of chunks) {
    columns.forEach((_, column) =>
      values.set(chunk.getColumnValues(column) as number[], column * rows + from),
    );
    from += chunk.rowCount;
  }
  return { columns, rows, values };
}

/** Runs a read and turns the engine's words about the file into one line. */
async function readable<Value>(shown: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    const text = messageOf(error).replace(/^\w+( \w+)* Error: /, "");
    const line = /Line: (\d+)/.exec(text)?.[1];
    const wanted = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
    if (line !== undefined && wanted !== null)
      throw new InputError(`${shown}, line ${line}: ${wanted[2]} cells where the header has ${wanted[1]}`);
    const why = text.split("\n", 1)[0]?.replaceAll(/ *(?:(?:of|in) )?(?:file )?['"]\/[^'"]*['"]/g, "");
    throw new InputError(`${shown} cannot be read: ${why}`);
  }
}
