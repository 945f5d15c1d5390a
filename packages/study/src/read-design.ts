import { childKey, type Findings } from "./problem.ts";
import { evenlySpacedSizes } from "./evenly-spaced-sizes.ts";
import { logSpacedSizes } from "./log-spaced-sizes.ts";
import type { ReplicateTarget } from "./types.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";

/** The `design` part of a study with its grid expanded. */
export interface DesignDraft {
  readonly sampleSizes: number[];
  readonly replicates: number;
  readonly target?: Omit<ReplicateTarget, "loss"> & { readonly loss: string | undefined };
  readonly nested: boolean;
  readonly commonRandomNumbers: boolean;
}

/** Reads `design` after the schema check; null parts make the whole null and have been reported. */
export function readDesign(node: SourceNode | undefined, findings: Findings): DesignDraft | null {
  const sizesNode = childOf(node, "sampleSizes");
  const sampleSizes =
    sizesNode !== undefined && findings.isClean("design.sampleSizes") ? readSizes(sizesNode, findings) : null;
  const replicates = readReplicates(childOf(node, "replicates"), findings);
  if (sampleSizes === null || replicates === null || !findings.isClean("design")) return null;
  return {
    sampleSizes,
    ...replicates,
    nested: (plainAt(node, "nested") as boolean | undefined) ?? true,
    commonRandomNumbers: (plainAt(node, "commonRandomNumbers") as boolean | undefined) ?? true,
  };
}

/** Replicates of the first round when the file does not say. */
const initialReplicates = 20;

type ReplicatesDraft = Pick<DesignDraft, "replicates" | "target">;

function readReplicates(node: SourceNode | undefined, findings: Findings): ReplicatesDraft | null {
  const key = "design.replicates";
  if (node === undefined || !findings.isClean(key)) return null;
  const given = plainValue(node) as
    | number
    | { target: Partial<ReplicateTarget> & { slopeHalfWidth: number }; initial?: number; max: number };
  if (typeof given === "number") {
    if (given < 2) findings.warn(node.place, key, "one replicate has no standard error; use at least 2");
    return { replicates: given };
  }
  const { target, max } = given;
  const initial = given.initial ?? Math.min(max, initialReplicates);
  if (initial > max) {
    findings.report(
      childOf(node, "initial")!.place,
      childKey(key, "initial"),
      `must not exceed max; got initial ${initial}, max ${max}`,
    );
    return null;
  }
  if (initial < 5) {
    findings.warn(
      node.place,
      key,
      `a first round of ${initial} replicates measures the precision badly; use at least 5`,
    );
  }
  const { slopeHalfWidth, loss, component = "total", statistic = "median" } = target;
  return { replicates: initial, target: { slopeHalfWidth, loss, component, statistic, max } };
}

/** Reports a target on a loss that the study does not measure. */
export function checkTarget(
  design: SourceNode | undefined,
  loss: string | undefined,
  losses: readonly string[],
  findings: Findings,
): void {
  if (loss === undefined || losses.length === 0 || losses.includes(loss)) return;
  const node = childOf(childOf(childOf(design, "replicates"), "target"), "loss");
  if (node === undefined) return;
  findings.report(
    node.place,
    "design.replicates.target.loss",
    `must be one of the study's losses (${losses.join(", ")}); got "${loss}"`,
  );
}

function plainAt(node: SourceNode | undefined, key: string): unknown {
  const child = childOf(node, key);
  return child === undefined ? undefined : plainValue(child);
}

interface SizeGrid {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly spacing?: "log" | "linear";
}

function readSizes(node: SourceNode, findings: Findings): number[] | null {
  const key = "design.sampleSizes";
  const given = plainValue(node) as number[] | SizeGrid;
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
    const { from, to, count, spacing = "log" } = given;
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
    sizes = (spacing === "log" ? logSpacedSizes : evenlySpacedSizes)(from, to, count);
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
