import { childKey, type Findings } from "./problem.ts";
import { logSpacedSizes } from "./log-spaced-sizes.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";

/** The `design` part of a study with its grid expanded. */
export interface DesignDraft {
  readonly sampleSizes: number[];
  readonly replicates: number;
  readonly nested: boolean;
  readonly commonRandomNumbers: boolean;
}

/** Reads `design` after the schema check; null parts make the whole null and have been reported. */
export function readDesign(node: SourceNode | undefined, findings: Findings): DesignDraft | null {
  const sizesNode = childOf(node, "sampleSizes");
  const sampleSizes =
    sizesNode !== undefined && findings.isClean("design.sampleSizes") ? readSizes(sizesNode, findings) : null;
  const replicates = plainAt(node, "replicates");
  if (typeof replicates === "number" && replicates < 2 && findings.isClean("design.replicates")) {
    findings.warn(
      childOf(node, "replicates")!.place,
      "design.replicates",
      "one replicate has no standard error; use at least 2",
    );
  }
  if (sampleSizes === null || !findings.isClean("design")) return null;
  return {
    sampleSizes,
    replicates: replicates as number,
    nested: (plainAt(node, "nested") as boolean | undefined) ?? true,
    commonRandomNumbers: (plainAt(node, "commonRandomNumbers") as boolean | undefined) ?? true,
  };
}

function plainAt(node: SourceNode | undefined, key: string): unknown {
  const child = childOf(node, key);
  return child === undefined ? undefined : plainValue(child);
}

function readSizes(node: SourceNode, findings: Findings): number[] | null {
  const key = "design.sampleSizes";
  const given = plainValue(node) as number[] | { from: number; to: number; count: number };
  let sizes: number[];
  if (Array.isArray(given)) {
    const wrong = given.findIndex((n, i) => i > 0 && n <= given[i - 1]);
    if (wrong >= 0) {
      const place = node.kind === "list" ? node.items[wrong].place : node.place;
      findings.report(
        place,
        childKey(key, wrong),
        `must be greater than the size before it; got ${given[wrong]} after ${given[wrong - 1]}`,
      );
      return null;
    }
    sizes = given;
  } else {
    const { from, to, count } = given;
    if (from > to) {
      findings.report(
        childOf(node, "from")!.place,
        childKey(key, "from"),
        `must not exceed to; got from ${from}, to ${to}`,
      );
      return null;
    }
    if (count === 1 && from !== to) {
      findings.report(
        childOf(node, "count")!.place,
        childKey(key, "count"),
        `is 1, but from ${from} and to ${to} differ; use at least 2`,
      );
      return null;
    }
    sizes = logSpacedSizes(from, to, count);
    if (sizes.length < count) {
      findings.warn(
        node.place,
        key,
        `${count} sizes from ${from} to ${to} are ${sizes.length} distinct ones after rounding`,
      );
    }
  }
  if (sizes.length < 3)
    findings.warn(node.place, key, "a slope with an interval needs at least 3 sample sizes");
  return sizes;
}
