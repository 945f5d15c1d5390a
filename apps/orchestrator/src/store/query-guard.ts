import { StatementType } from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api";
import { InputError, messageOf } from "../input-error.ts";

/** Functions that look like reads and are not: they checkpoint, log to files, change the parser, read raw memory, or hide another
 *  statement in a text. */
const refusedFunctions = [
  "force_checkpoint",
  "checkpoint",
  "enable_logging",
  "disable_logging",
  "truncate_duckdb_logs",
  "write_log",
  "enable_profiling",
  "disable_profiling",
  "enable_peg_parser",
  "disable_peg_parser",
  "arrow_scan",
  "arrow_scan_dumb",
  "seq_scan",
  "query",
  "query_table",
  "json_execute_serialized_sql",
  "read_duckdb",
];

const call = new RegExp(
  String.raw`\b(${refusedFunctions.join("|")})\b"?(?:\s|/\*[\s\S]*?\*/|--[^\n]*\n)*\(`,
  "i",
);
const allowedTypes: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** Prepares the one SELECT (or EXPLAIN) of `sql`. Throws InputError for anything else: several statements, writes, settings, file access. */
export async function prepareQuery(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  if (sql.trim() === "") throw new InputError("query: the SQL is empty");
  const refused = call.exec(sql)?.[1];
  if (refused !== undefined)
    throw new InputError(
      `query: function ${refused.toLowerCase()} is not available here; only reads of this database are`,
    );
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1)
      throw new InputError(`query: one statement at a time, got ${statements.count}${pivotHint(sql)}`);
    const prepared = await statements.prepare(0);
    const type = prepared.statementType;
    if (!allowedTypes.has(type)) {
      prepared.destroySync();
      throw new InputError(
        `query: ${StatementType[type].replaceAll("_", " ")} is refused; only SELECT (and WITH, FROM, SHOW, DESCRIBE, SUMMARIZE, EXPLAIN) may run`,
      );
    }
    if (prepared.parameterCount > 0) {
      prepared.destroySync();
      throw new InputError("query: the SQL has parameters (?, $1); write the values in place");
    }
    return prepared;
  } catch (error) {
    throw queryError(error);
  }
}

/** An engine's refusal as a message for the user. */
export function queryError(error: unknown): InputError {
  if (error instanceof InputError) return error;
  const text = messageOf(error);
  if (text.includes("Error in native callback")) return new InputError("query: the SQL holds no statement");
  if (text.includes("disabled by configuration"))
    return new InputError(`query: ${firstLine(text)}; a query reads this database only, export writes files`);
  if (text.includes("read-only mode")) return new InputError(`query: ${firstLine(text)}`);
  if (/corrupt|checksum|could not read enough bytes/i.test(text))
    return new InputError(`query: the database file is damaged (${firstLine(text)}); it was left as it is`);
  return new InputError(`query: ${text.trim()}`);
}

function pivotHint(sql: string): string {
  return /^\s*(pivot|from\b[\s\S]*\bpivot)\b/i.test(sql)
    ? " (a PIVOT without IN list is two; name its values)"
    : "";
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
