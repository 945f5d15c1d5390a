import { checkAtoms, checkTheory } from "./check-atoms.ts";
import type { Families } from "./families.ts";
import { checkOptions, completeModel, type PartialModel, readFamily } from "./model-family.ts";
import type { Findings } from "./problem.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";
import type { InputSpec, NamedAtom } from "./types.ts";

/** The truth as far as it could be read: null parts have been reported. */
export interface TruthDraft {
  readonly model: PartialModel;
  readonly input: InputSpec | null;
  readonly inputDim: number | null;
  readonly noise: { sd: number } | null;
  readonly atoms: NamedAtom[] | null;
}

/** Reads `truth` after the schema check and reports what a schema cannot see: the atoms' fields and lengths, empty intervals, what theory asks of G*. */
export function readTruth(node: SourceNode | undefined, families: Families, findings: Findings): TruthDraft {
  const clean = (key: string): boolean =>
    childOf(node, key) !== undefined && findings.isClean(`truth.${key}`);
  const gating = clean("gating") ? readFamily(childOf(node, "gating"), families.gatings) : null;
  const expert = clean("expert") ? readFamily(childOf(node, "expert"), families.experts) : null;
  const model = { gating, expert };
  checkOptions(childOf(node, "gating"), "truth.gating", gating, findings);
  const atomsNode = childOf(node, "atoms");
  const input = clean("input") ? readInput(childOf(node, "input")!, atomsNode, findings) : null;
  const inputDim = input === null ? null : dimensionOf(input);
  if (inputDim !== null && atomsNode !== undefined) checkAtoms(model, inputDim, atomsNode, findings);
  const atoms = clean("atoms") ? (plainValue(atomsNode!) as NamedAtom[]).map((atom) => ({ ...atom })) : null;
  const complete = completeModel(model);
  if (complete !== null && inputDim !== null && atoms !== null)
    checkTheory(complete, inputDim, atoms, atomsNode!, findings);
  return {
    model,
    input,
    inputDim,
    noise: clean("noise") ? { sd: plainValue(childOf(childOf(node, "noise"), "sd")!) as number } : null,
    atoms,
  };
}

/** Dimension d of x. */
export function dimensionOf(input: InputSpec): number {
  return input.law === "covariates" ? input.columns.length : input.dim;
}

function readInput(node: SourceNode, atoms: SourceNode | undefined, findings: Findings): InputSpec | null {
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
      return readCovariates(node, given, atoms, findings);
  }
}

function readCovariates(
  node: SourceNode,
  given: Record<string, unknown>,
  atoms: SourceNode | undefined,
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
  const slope = childOf(atoms?.kind === "list" ? atoms.items[0] : undefined, "beta1");
  const length = dim ?? (slope?.kind === "list" ? slope.items.length : 0);
  if (length > 0) return { law: "covariates", file, columns: Array.from({ length }, (_, i) => `x${i + 1}`) };
  findings.report(
    node.place,
    "truth.input.columns",
    "is missing; expected the names of the columns of x, for example [x1, x2]",
  );
  return null;
}
