import type { Json } from "@duckdb/node-api";
import { rowObject } from "../store/query-result.ts";
import type { QueryResult } from "../store/query-result.ts";
import { writeLine } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";

/** Streams a result to stdout as one JSON array of row objects. */
export async function printJsonRows(terminal: Terminal, result: QueryResult): Promise<void> {
  let separator = "[";
  for await (const rows of result.pieces) {
    if (rows.length === 0) continue;
    const text = rows.map((row) => JSON.stringify(rowObject(result.columns, row))).join(",\n ");
    await writeLine(terminal.stdout, `${separator}${text}`);
    separator = ",";
  }
  await writeLine(terminal.stdout, separator === "[" ? "[]" : "]");
}

/** Rows that decide the column widths of a streamed table. */
const measuredRows = 1000;

/** Streams a result to stdout as an aligned table, numbers to the right. */
export async function printTable(terminal: Terminal, result: QueryResult): Promise<void> {
  let waiting: (readonly Json[])[] = [];
  let widths: Width[] | null = null;
  const print = async (rows: readonly (readonly Json[])[]): Promise<void> => {
    if (rows.length > 0)
      await writeLine(terminal.stdout, rows.map((row) => tableRow(row, widths ?? [])).join("\n"));
  };
  const start = async (): Promise<void> => {
    widths = columnWidths(result.columns, waiting);
    await writeLine(terminal.stdout, tableRow(result.columns, widths));
    await writeLine(terminal.stdout, widths.map((width) => "-".repeat(width.width)).join("  "));
    await print(waiting);
    waiting = [];
  };
  for await (const rows of result.pieces) {
    if (widths !== null) await print(rows);
    else {
      waiting.push(...rows);
      if (waiting.length >= measuredRows) await start();
    }
  }
  if (widths === null) await start();
}

/** An aligned table of texts as one string; the first row is the head. */
export function alignedTable(head: readonly string[], rows: readonly (readonly Json[])[]): string {
  const widths = columnWidths(head, rows);
  return [head, ...rows].map((row) => tableRow(row, widths)).join("\n");
}

interface Width {
  readonly width: number;
  readonly right: boolean;
}

function columnWidths(columns: readonly string[], rows: readonly (readonly Json[])[]): Width[] {
  return columns.map((column, index) => ({
    width: rows.reduce((width, row) => Math.max(width, cell(row[index]).length), column.length),
    right:
      rows.length > 0 &&
      rows.every((row) => row[index] === null || typeof row[index] === "number" || row[index] === undefined),
  }));
}

function tableRow(row: readonly Json[], widths: readonly Width[]): string {
  const cells = row.map((value, index) => {
    const { width, right } = widths[index] ?? { width: 0, right: false };
    return right ? cell(value).padStart(width) : cell(value).padEnd(width);
  });
  return cells.join("  ").trimEnd();
}

/** Text of one cell. Control characters would let stored text steer a terminal; they are shown as their escapes. */
function cell(value: Json | undefined): string {
  const text =
    value === null || value === undefined
      ? ""
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}
