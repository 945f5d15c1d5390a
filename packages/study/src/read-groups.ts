import { checkFields, checkTheory, describeFamily, equalPairs, listPairs } from "./check-atoms.ts";
import {
  familyFields,
  type ModelFamilies,
  type ModelFamily,
  type PartialModel,
  withGroupCount,
} from "./model-family.ts";
import { childKey, type Findings } from "./problem.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";
import type { NamedAtom } from "./types.ts";

/** The true groups of a two-level gate. */
export interface TruthGroups {
  /** {a, b} of each group. */
  readonly gates: NamedAtom[];
  /** Atoms of all groups, group after group, gate and expert parameters side by side. */
  readonly atoms: NamedAtom[];
}

/** The truth's two-level gating with as many groups as it lists; reports another number given with the gating, and a single group. */
export function groupedGating(
  gating: ModelFamily,
  truth: SourceNode | undefined,
  findings: Findings,
): ModelFamily {
  const groups = childOf(truth, "groups");
  if (groups?.kind !== "list" || groups.items.length === 0) return gating;
  const count = groups.items.length;
  const given = childOf(childOf(truth, "gating"), "groups");
  if (count === 1)
    findings.report(
      groups.place,
      "truth.groups",
      "lists one group: that is softmax gating; write its atoms with it",
    );
  else if (given?.kind === "scalar" && given.value !== count)
    findings.report(
      given.place,
      "truth.gating.groups",
      `is ${given.text}, but truth.groups lists ${count}; leave it out`,
    );
  return withGroupCount(gating, undefined, count);
}

/** Reports what groups and their atoms lack or have beyond the model, experts' parameters standing under `eta`, and groups of different
 *  sizes. */
export function checkGroups(
  model: PartialModel,
  inputDim: number,
  groups: SourceNode,
  findings: Findings,
): void {
  if (groups.kind !== "list") return;
  const { gating, expert } = model;
  const gateFields = gating === null ? [] : familyFields(gating, inputDim);
  const headFields = expert === null ? [] : familyFields(expert, inputDim);
  const groupFields = gating?.description.groups?.fields(inputDim) ?? [];
  let size: number | null = null;
  groups.items.forEach((group, g) => {
    const key = childKey("truth.groups", g);
    const gate = without(group, "atoms");
    checkFields(gate, key, groupFields, "groups (besides atoms)", inputDim, findings);
    const atoms = childOf(group, "atoms");
    if (atoms?.kind !== "list") return;
    const inner = childKey(key, "atoms");
    if (size !== null && atoms.items.length !== size)
      findings.report(
        atoms.place,
        inner,
        `has ${atoms.items.length}, the first group ${size}; groups have equally many atoms`,
      );
    size ??= atoms.items.length;
    atoms.items.forEach((atom, i) => {
      const own = childKey(inner, i);
      checkFields(
        without(atom, "eta"),
        own,
        gateFields,
        "atoms of a group (besides eta)",
        inputDim,
        findings,
      );
      const eta = childOf(atom, "eta");
      const owner = expert === null ? null : describeFamily(expert, "experts");
      if (eta !== undefined) checkFields(eta, childKey(own, "eta"), headFields, owner, inputDim, findings);
    });
  });
}

/** Gates and atoms of valid groups. */
export function readGroups(node: SourceNode): TruthGroups {
  const groups = plainValue(node) as (Record<string, NamedAtom[string]> & {
    atoms: (Record<string, NamedAtom[string]> & { eta: NamedAtom })[];
  })[];
  return {
    gates: groups.map(({ atoms: _, ...gate }) => gate),
    atoms: groups.flatMap(({ atoms }) => atoms.map(({ eta, ...gate }) => ({ ...gate, ...eta }))),
  };
}

/** Warns where theory's assumptions on G* fail at either level. */
export function checkGroupTheory(
  model: ModelFamilies,
  inputDim: number,
  { gates, atoms }: TruthGroups,
  node: SourceNode,
  findings: Findings,
): void {
  const size = atoms.length / gates.length;
  const slopes = model.gating.description.groups!.fields(inputDim).filter(({ length }) => length !== null);
  const twins = equalPairs(gates, slopes);
  if (twins.length > 0)
    findings.warn(
      node.place,
      "truth.groups",
      `groups ${listPairs(twins)} have the same ${slopes.map(({ name }) => name).join(", ")}; theory assumes distinct ones`,
    );
  gates.forEach((_, g) => {
    const list = node.kind === "list" ? childOf(node.items[g], "atoms") : undefined;
    const key = childKey(childKey("truth.groups", g), "atoms");
    checkTheory(model, inputDim, atoms.slice(g * size, (g + 1) * size), list ?? node, findings, key);
  });
}

/** A mapping without one of its keys. */
function without(node: SourceNode, name: string): SourceNode {
  if (node.kind !== "mapping") return node;
  return { ...node, entries: new Map([...node.entries].filter(([key]) => key !== name)) };
}
