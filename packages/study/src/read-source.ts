import { type Document, LineCounter, type Node, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { childKey, type Findings, type Place } from "./problem.ts";
import type { SourceEntry, SourceNode } from "./source-node.ts";

/** Longest study file, in characters. */
export const maximumLength = 1_000_000;
/** Values a file may hold, each alias counted with all that it repeats. */
export const maximumValues = 100_000;
/** Aliases (`*name`) a file may use. */
export const maximumAliases = 100;
const maximumDepth = 40;

/**
 * Reads YAML 1.2 (and with it JSON) into nodes that know their lines. Reports malformed text, duplicate keys, tags and everything else a study has no
 * use for; null where nothing usable came out. Never throws. An `override` makes it the place of every value.
 */
export function readSource(text: string, findings: Findings, override?: string): SourceNode | null {
  const start = placeAt(1, 1, override);
  const root = override ?? "";
  if (text.length > maximumLength) {
    findings.report(start, root, `has ${text.length} characters; a study file has at most ${maximumLength}`);
    return null;
  }
  const lines = new LineCounter();
  let document: Document;
  try {
    document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      merge: false,
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    });
  } catch {
    findings.report(start, root, "cannot be read: brackets or lists are nested too deeply");
    return null;
  }
  const at = (offset: number | undefined): Place => {
    const position = lines.linePos(Math.min(offset ?? 0, text.length));
    return placeAt(Math.max(position.line, 1), Math.max(position.col, 1), override);
  };
  if (reportSyntax(document, at, root, findings)) return null;
  if (document.contents === null) {
    findings.report(start, root, override === undefined ? "is empty; a study was expected" : "has no value");
    return null;
  }
  return new Reader(at, findings).read(document.contents, root, 0);
}

function placeAt(line: number, column: number, override: string | undefined): Place {
  return override === undefined ? { line, column } : { line: 0, column: 0, override };
}

const hints: Record<string, string> = {
  TAB_AS_INDENT: "indent with spaces",
  BLOCK_AS_IMPLICIT_KEY: "check the indentation of this line and the one above",
  MULTILINE_IMPLICIT_KEY: "check the indentation, or put the text in quotes",
  BAD_INDENT: "check that every bracket is closed and the lines are indented alike",
  MULTIPLE_DOCS: "keep one study per file",
  BAD_SCALAR_START: "put the text in quotes",
};

/** One problem per kind of mistake: after the first, the parser repeats itself on the lines below. */
function reportSyntax(
  document: Document,
  at: (offset: number) => Place,
  root: string,
  findings: Findings,
): boolean {
  const seen = new Set<string | number>();
  for (const error of [...document.errors, ...document.warnings]) {
    const place = at(error.pos[0]);
    if (seen.has(error.code) || seen.has(place.line) || (seen.size > 0 && error.code === "UNEXPECTED_TOKEN"))
      continue;
    seen.add(error.code).add(place.line);
    const hint = hints[error.code];
    const what =
      error.code === "MULTIPLE_DOCS"
        ? "a second document starts here"
        : lowerFirst(error.message.split("\n")[0]);
    findings.report(place, root, `not valid YAML: ${what}${hint === undefined ? "" : `; ${hint}`}`);
  }
  const version = document.directives?.yaml;
  if (version?.explicit === true && version.version !== "1.2") {
    findings.report(at(0), root, `YAML ${version.version} is not supported; study files are YAML 1.2`);
    return true;
  }
  return seen.size > 0;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

class Reader {
  readonly #at: (offset: number | undefined) => Place;
  readonly #findings: Findings;
  readonly #anchors = new Map<string, { node: SourceNode; values: number }>();
  #values = 0;
  #aliases = 0;

  constructor(at: (offset: number | undefined) => Place, findings: Findings) {
    this.#at = at;
    this.#findings = findings;
  }

  read(node: Node, key: string, depth: number): SourceNode {
    const place = this.#at(node.range?.[0]);
    if (depth > maximumDepth)
      return this.#reject(place, key, `is nested more than ${maximumDepth} levels deep`);
    if (isAlias(node)) return this.#readAlias(node.source, place, key);
    const before = this.#values;
    if (!this.#spend(1, place, key)) return { kind: "broken", place };
    const read = this.#readContent(node, place, key, depth);
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, { node: read, values: this.#values - before });
    return read;
  }

  #readContent(node: Node, place: Place, key: string, depth: number): SourceNode {
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.read(item as Node, childKey(key, i), depth + 1));
      return { kind: "list", place, items };
    }
    if (isMap(node)) return this.#readMapping(node.items as MappingItem[], place, key, depth);
    const value: unknown = isScalar(node) ? node.value : undefined;
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean"
    ) {
      const text = (isScalar(node) ? node.source : undefined) ?? String(value);
      return { kind: "scalar", place, value, text };
    }
    return this.#reject(place, key, "carries a YAML tag; tags have no meaning in a study");
  }

  #readMapping(items: readonly MappingItem[], place: Place, key: string, depth: number): SourceNode {
    const entries = new Map<string, SourceEntry>();
    for (const item of items) {
      const keyPlace = item.key === null ? place : this.#at(item.key.range?.[0]);
      const name = keyName(item.key);
      const child = childKey(key, name);
      const earlier = entries.get(name);
      if (name === "") this.#reject(keyPlace, key, "has a key that is not a word");
      if (earlier !== undefined) {
        const { line } = earlier.place;
        this.#reject(keyPlace, child, `given twice${line > 0 ? `; the first is on line ${line}` : ""}`);
        continue;
      }
      const node =
        item.value === null
          ? ({ kind: "scalar", place: keyPlace, value: null, text: "" } as const)
          : this.read(item.value, child, depth + 1);
      if (name !== "") entries.set(name, { place: keyPlace, node });
    }
    return { kind: "mapping", place, entries };
  }

  #readAlias(name: string, place: Place, key: string): SourceNode {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined)
      return this.#reject(place, key, `*${name} repeats nothing: no &${name} is complete before it`);
    this.#aliases += 1;
    if (this.#aliases === maximumAliases + 1) {
      this.#reject(place, key, `is one alias too many; a study file has at most ${maximumAliases}`);
    }
    if (this.#aliases > maximumAliases || !this.#spend(anchor.values, place, key))
      return { kind: "broken", place };
    return anchor.node;
  }

  /** Counts values against the limit; the first over it is reported. */
  #spend(values: number, place: Place, key: string): boolean {
    const within = this.#values <= maximumValues;
    this.#values += values;
    if (this.#values <= maximumValues) return true;
    if (within)
      this.#reject(
        place,
        key,
        `is too much; a study file holds at most ${maximumValues} values, repeats included`,
      );
    return false;
  }

  #reject(place: Place, key: string, message: string): SourceNode {
    this.#findings.report(place, key, message);
    return { kind: "broken", place };
  }
}

interface MappingItem {
  readonly key: Node | null;
  readonly value: Node | null;
}

function keyName(key: Node | null): string {
  return isScalar(key) && key.value !== null ? (key.source ?? String(key.value)) : "";
}
