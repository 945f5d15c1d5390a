import { closeSync, openSync, readSync } from "node:fs";
import { extname } from "node:path";
import { InputError } from "../input-error.ts";
import { quoted } from "../store/duckdb-instance.ts";

/** Kinds of files that can be read, by extension. */
export const kinds = [".csv", ".tsv", ".parquet"];

/** Extension of a file, lower case. */
export function kindOf(path: string): string {
  return extname(path).toLowerCase();
}

/** The table function that reads the file. The separator is the one the header line holds, so that a ragged line is an error and not
 *  another guess at the format. */
export function tableFunction(path: string, columns: readonly string[], shown: string): string {
  if (kindOf(path) === ".parquet") return `read_parquet(${quoted.text(path)})`;
  const head = firstLine(path);
  const count = (separator: string): number => head.split(separator).length;
  const separator =
    kindOf(path) === ".tsv" ? "\t" : [",", ";", "\t"].toSorted((a, b) => count(b) - count(a))[0];
  const names = headerCells(head, separator ?? ",");
  const twice = columns.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (twice !== undefined) throw new InputError(`${shown}, line 1: the header holds column ${twice} twice`);
  if (names.length === 0) throw new InputError(`${shown} has no header line`);
  const unique = names.map((name, index) =>
    names.indexOf(name) === index && name !== "" ? name : `${name}#${index + 1}`,
  );
  const types = unique.map((name) => `${quoted.text(name)}: 'VARCHAR'`).join(", ");
  const format = `auto_detect = false, delim = '${separator}', quote = '"', escape = '"', header = true`;
  return `read_csv(${quoted.text(path)}, ${format}, columns = {${types}})`;
}

/** Cells of the header line; a quoted one may hold the separator, and quotes doubled. */
function headerCells(line: string, separator: string): string[] {
  if (line.trim() === "") return [];
  const cells: string[] = [];
  let [cell, inside] = ["", false];
  for (const character of `${line}${separator}`) {
    if (character === '"') inside = !inside;
    if (character !== separator || inside) cell += character;
    else {
      cells.push(
        cell
          .trim()
          .replace(/^"([\s\S]*)"$/, "$1")
          .replaceAll('""', '"'),
      );
      cell = "";
    }
  }
  return cells;
}

/** Longest header line. */
const headerBytes = 1_000_000;

function firstLine(path: string): string {
  const handle = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(headerBytes);
    const text = bytes.toString("utf8", 0, readSync(handle, bytes));
    return text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/, 1)[0] ?? "";
  } finally {
    closeSync(handle);
  }
}
