import { childKey, type Findings, type Place } from "./problem.ts";
import { readSource } from "./read-source.ts";
import { describeNode, quoted, type SourceNode } from "./source-node.ts";

/**
 * Replaces the value under a dotted key, the command line's `--set key=value`: `design.replicates=10`, `truth.atoms[1].a=[1, 2]`. The value is read as
 * YAML. Missing mappings on the way are made; list items must exist. Reports what it cannot do and then returns the node unchanged.
 */
export function applyOverride(root: SourceNode, assignment: string, findings: Findings): SourceNode {
  const equals = assignment.indexOf("=");
  const key = (equals < 0 ? assignment : assignment.slice(0, equals)).trim();
  const place: Place = { line: 0, column: 0, override: key };
  if (equals < 0) {
    findings.report(place, "", "has no value; write --set key=value");
    return root;
  }
  const path = parsePath(key);
  if (path === null) {
    findings.report(place, "", `${quoted(key)} is not a key; write keys like truth.atoms[1].a`);
    return root;
  }
  const value = readSource(assignment.slice(equals + 1), findings, key);
  return value === null ? root : (replaceAt(root, path, 0, "", value, findings) ?? root);
}

/** `truth.atoms[1].a` as ["truth", "atoms", 1, "a"]; null when it is no such key. */
function parsePath(key: string): (string | number)[] | null {
  if (!/^[^.[\]\s]+(?:\[\d+\])*(?:\.[^.[\]\s]+(?:\[\d+\])*)*$/.test(key)) return null;
  return Array.from(key.matchAll(/\[(\d+)\]|[^.[\]]+/g), (match) =>
    match[1] === undefined ? match[0] : Number(match[1]),
  );
}

function replaceAt(
  node: SourceNode | undefined,
  path: readonly (string | number)[],
  depth: number,
  key: string,
  value: SourceNode,
  findings: Findings,
): SourceNode | null {
  if (depth === path.length) return value;
  const step = path[depth];
  const inner = childKey(key, step);
  if (typeof step === "number") {
    if (node?.kind !== "list" || step >= node.items.length) {
      const came = node === undefined ? "missing" : describeNode(node);
      findings.report(value.place, inner, `there is no item ${step}: ${key} is ${came}`);
      return null;
    }
    const item = replaceAt(node.items[step], path, depth + 1, inner, value, findings);
    return item && { ...node, items: node.items.with(step, item) };
  }
  if (node !== undefined && node.kind !== "mapping") {
    const item = childKey(childKey(key, 0), step);
    const instead = node.kind === "list" ? `name an item, as in ${item}` : `set ${key} as a whole`;
    findings.report(value.place, inner, `cannot be set: ${key} is ${describeNode(node)}; ${instead}`);
    return null;
  }
  const earlier = node?.entries.get(step);
  const child = replaceAt(earlier?.node, path, depth + 1, inner, value, findings);
  if (child === null) return null;
  const entries = new Map(node?.entries);
  entries.set(step, { place: value.place, node: child });
  return { kind: "mapping", place: node?.place ?? value.place, entries };
}
