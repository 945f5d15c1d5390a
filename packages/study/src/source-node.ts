import type { Place } from "./problem.ts";

/** A value of a study file that still knows where it stands. Nodes are shared where the file uses aliases, and never changed. */
export type SourceNode = SourceMap | SourceList | SourceScalar | SourceBroken;

export interface SourceMap {
  readonly kind: "mapping";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

export interface SourceEntry {
  /** Where the key stands. */
  readonly place: Place;
  readonly node: SourceNode;
}

export interface SourceList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly SourceNode[];
}

export interface SourceScalar {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** As written, for messages: `1e400` where the value is Infinity. */
  readonly text: string;
}

/** A value that could not be read and was reported; no check looks at it again. */
export interface SourceBroken {
  readonly kind: "broken";
  readonly place: Place;
}

/** The node under `key` of a mapping. */
export function childOf(node: SourceNode | undefined, key: string): SourceNode | undefined {
  return node?.kind === "mapping" ? node.entries.get(key)?.node : undefined;
}

/** What a reader of a message sees of a value: `the text "abc"`, `3`, `a list of 2`. */
export function describeNode(node: SourceNode): string {
  if (node.kind === "broken") return "something unreadable";
  if (node.kind === "mapping") return "a mapping";
  if (node.kind === "list")
    return node.items.length === 0 ? "an empty list" : `a list of ${node.items.length}`;
  if (node.value === null) return "nothing";
  if (typeof node.value === "string") return `the text ${quoted(node.value)}`;
  return shortened(node.text);
}

/** A value in double quotes, shortened to 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The plain value of a node. Mappings become objects without prototype, so that a key `__proto__` is a key like any other. */
export function plainValue(node: SourceNode): unknown {
  if (node.kind === "broken") return undefined;
  if (node.kind === "scalar") return Object.is(node.value, -0) ? 0 : node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of node.entries) plain[key] = plainValue(entry.node);
  return plain;
}
