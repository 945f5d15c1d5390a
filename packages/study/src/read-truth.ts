import { checkAtoms, checkTheory } from "./check-atoms.ts";
import { checkGroups, checkGroupTheory, groupedGating, readGroups } from "./read-groups.ts";
import type { Families } from "./families.ts";
import {
  checkOptions,
  completeModel,
  type ModelFamily,
  type PartialModel,
  readFamily,
} from "./model-family.ts";
import type { Findings } from "./problem.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";
import type { InputSpec, NamedAtom } from "./types.ts";

/** The truth as far as it could be read: null parts have been reported. */
export interface TruthDraft {
  readonly model: PartialModel;
  readonly input: InputSpec | null;
  readonly inputDim: number | null;
  readonly noise: { sd: number } | null;
  /** With two levels those of all groups. */
  readonly atoms: NamedAtom[] | null;
  /** Gates of the groups; null where there is one level, and where they could not be read. */
  readonly groups: NamedAtom[] | null;
}

/** Reads `truth` after the schema check and reports what a schema cannot see: the atoms' fields and lengths, empty intervals, what theory asks of G*. */
export function readTruth(node: SourceNode | undefined, families: Families, findings: Findings): TruthDraft {
  const clean = (key: string): boolean =>
    childOf(node, key) !== undefined && findings.isClean(`truth.${key}`);
  const own = clean("gating") ? readFamily(childOf(node, "gating"), families.gatings) : null;
  const expert = clean("expert") ? readFamily(childOf(node, "expert"), families.experts) : null;
  const grouped = own?.description.groups !== undefined;
  const gating = grouped ? groupedGating(own, node, findings) : own;
  const model = { gating, expert };
  checkOptions(childOf(node, "gating"), "truth.gating", gating, findings);
  reportMissingAtoms(node, own, findings);
  const atomsNode = childOf(node, grouped ? "groups" : "atoms");
  const input = clean("input") ? readInput(childOf(node, "input")!, firstAtom(node), findings) : null;
  const inputDim = input === null ? null : dimensionOf(input);
  if (inputDim !== null && atomsNode !== undefined) {
    if (grouped) checkGroups(model, inputDim, atomsNode, findings);
    else checkAtoms(model, inputDim, atomsNode, findings);
  }
  const readable = atomsNode !== undefined && clean(grouped ? "groups" : "atoms");
  const groups = readable && grouped ? readGroups(atomsNode) : null;
  const plain = readable && !grouped ? (plainValue(atomsNode) as NamedAtom[]) : null;
  const atoms = groups?.atoms ?? plain?.map((atom) => ({ ...atom })) ?? null;
  const complete = completeModel(model);
  if (complete !== null && inputDim !== null && atoms !== null) {
    if (groups === null) checkTheory(complete, inputDim, atoms, atomsNode!, findings);
    else checkGroupTheory(complete, inputDim, groups, atomsNode!, findings);
  }
  return {
    model,
    input,
    inputDim,
    noise: clean("noise") ? { sd: plainValue(childOf(childOf(node, "noise"), "sd")!) as number } : null,
    atoms,
    groups: groups?.gates ?? null,
  };
}

/** Reports atoms that are missing, and atoms or groups that do not go with the gating. */
function reportMissingAtoms(
  node: SourceNode | undefined,
  gating: ModelFamily | null,
  findings: Findings,
): void {
  if (node?.kind !== "mapping") return;
  const [atoms, groups] = [node.entries.get("atoms"), node.entries.get("groups")];
  const family = gating?.spec.family;
  if (gating?.description.groups !== undefined) {
    if (groups === undefined)
      findings.report(node.place, "truth.groups", `is missing; expected ${groupsWanted}`);
    if (atoms !== undefined)
      findings.report(atoms.place, "truth.atoms", `belongs under each of truth.groups with ${family} gating`);
    return;
  }
  if (gating !== null && groups !== undefined)
    findings.report(
      groups.place,
      "truth.groups",
      `is for hierarchical gating; ${family} gating has atoms alone`,
    );
  if (atoms === undefined && (gating !== null || groups === undefined))
    findings.report(node.place, "truth.atoms", `is missing; expected ${atomsWanted}`);
}

const atomsWanted = "a list: true atoms, one mapping each; their number is k*";
const groupsWanted = "a list: true groups, one mapping each with a, b and atoms";

/** The first atom that is listed, in whatever way. */
function firstAtom(node: SourceNode | undefined): SourceNode | undefined {
  const first = (list: SourceNode | undefined) => (list?.kind === "list" ? list.items[0] : undefined);
  return first(childOf(node, "atoms")) ?? first(childOf(first(childOf(node, "groups")), "atoms"));
}

/** Dimension d of x. */
export function dimensionOf(input: InputSpec): number {
  return input.law === "covariates" ? input.columns.length : input.dim;
}

function readInput(node: SourceNode, atom: SourceNode | undefined, findings: Findings): InputSpec | null {
  const given = plainValue(node) as Record<string, unknown>;
  const dim = given["dim"] as number;
  switch (given["law"]) {
    case "uniform": {
      const low = given["low"] as number;
      const high = given["high"] as number;
      if (low < high) return { law: "uniform", low, high, dim };
      findings.report(
        childOf(node, "low")!.place,
        "truth.input.low",
        `must be below high; got low ${low}, high ${high}`,
      );
      return null;
    }
    case "normal":
      return {
        law: "normal",
        mean: (given["mean"] as number | undefined) ?? 0,
        sd: (given["sd"] as number | undefined) ?? 1,
        dim,
      };
    case "sphere":
      return { law: "sphere", radius: (given["radius"] as number | undefined) ?? 1, dim };
    default:
      return readCovariates(node, given, atom, findings);
  }
}

function readCovariates(
  node: SourceNode,
  given: Record<string, unknown>,
  atom: SourceNode | undefined,
  findings: Findings,
): InputSpec | null {
  const file = (given["file"] ?? given["covariates"]) as string;
  const dim = given["dim"] as number | undefined;
  const columns = given["columns"] as string[] | undefined;
  if (columns !== undefined) {
    if (dim === undefined || dim === columns.length) return { law: "covariates", file, columns };
    findings.report(
      childOf(node, "dim")!.place,
      "truth.input.dim",
      `is ${dim}, but columns names ${columns.length}; leave dim out`,
    );
    return null;
  }
  const slope = childOf(atom, "beta1");
  const length = dim ?? (slope?.kind === "list" ? slope.items.length : 0);
  if (length > 0) return { law: "covariates", file, columns: Array.from({ length }, (_, i) => `x${i + 1}`) };
  findings.report(
    node.place,
    "truth.input.columns",
    "is missing; expected the names of the columns of x, for example [x1, x2]",
  );
  return null;
}
