import { gaugeOf } from "@moe-rates/mixture";
import type { AtomField } from "./families.ts";
import {
  atomFields,
  completeModel,
  familyFields,
  type ModelFamilies,
  type ModelFamily,
  type PartialModel,
} from "./model-family.ts";
import { childKey, type Findings } from "./problem.ts";
import { describeNode, type SourceNode } from "./source-node.ts";
import type { NamedAtom } from "./types.ts";
import { knownWords } from "./validate-source.ts";

/** Reports fields of the true atoms that the model does not have, lacks, or has with another length; with half a model, what can be told from it. */
export function checkAtoms(
  model: PartialModel,
  inputDim: number,
  atoms: SourceNode,
  findings: Findings,
): void {
  if (atoms.kind !== "list") return;
  const fields = atomFields(model, inputDim);
  const complete = completeModel(model);
  const owner = complete === null ? null : `atoms with ${describeModel(complete)}`;
  atoms.items.forEach((atom, i) =>
    checkFields(atom, childKey("truth.atoms", i), fields, owner, inputDim, findings),
  );
}

/** Reports what a mapping under `key` has or lacks besides these fields; unknown ones only with an `owner` to name. */
export function checkFields(
  node: SourceNode,
  key: string,
  fields: readonly AtomField[],
  owner: string | null,
  inputDim: number,
  findings: Findings,
): void {
  if (node.kind !== "mapping") return;
  const names = fields.map((field) => field.name);
  for (const [name, entry] of owner === null ? [] : node.entries) {
    if (names.includes(name) || !findings.isClean(childKey(key, name))) continue;
    findings.report(
      entry.place,
      childKey(key, name),
      `unknown parameter; ${owner} have ${knownWords(name, names)}`,
    );
  }
  for (const field of fields) {
    const entry = node.entries.get(field.name);
    const inner = childKey(key, field.name);
    const expected = describeField(field, inputDim);
    if (entry === undefined) findings.report(node.place, inner, `is missing; expected ${expected}`);
    else if (findings.isClean(inner) && !fits(entry.node, field)) {
      findings.report(entry.node.place, inner, `expected ${expected}, got ${describeNode(entry.node)}`);
    }
  }
}

function fits(node: SourceNode, field: AtomField): boolean {
  if (field.length === null) return node.kind === "scalar";
  return node.kind === "list" && node.items.length === field.length;
}

function describeField(field: AtomField, inputDim: number): string {
  if (field.length === null) return "a number";
  const source = field.length === inputDim ? " (the dimension of x)" : "";
  return `a list of ${field.length}${source}`;
}

function describeModel({ gating, expert }: ModelFamilies): string {
  return `${describeFamily(gating, "gating")} and ${describeFamily(expert, "experts")}`;
}

/** `ffn experts (bias: false)`: the options that differ from their defaults. */
export function describeFamily({ spec, description, options }: ModelFamily, word: string): string {
  const changed = Object.entries(options).filter(
    ([name, value]) => value !== description.options[name].default,
  );
  const shown = changed.map(([name, value]) => `${name}: ${String(value)}`).join(", ");
  return `${spec.family} ${word}${shown === "" ? "" : ` (${shown})`}`;
}

/** Warns where theory's assumptions on G* fail: k* >= 2, distinct gates (translation gauge), distinct experts (assumptions A2, A4; MATH.md pitfall 10). */
export function checkTheory(
  model: ModelFamilies,
  inputDim: number,
  atoms: readonly NamedAtom[],
  node: SourceNode,
  findings: Findings,
  key = "truth.atoms",
): void {
  const warn = (message: string): void => findings.warn(node.place, key, message);
  if (atoms.length < 2) {
    return warn(
      "there is one true atom; rates of gates are stated for k* of at least 2, and a single gate is not identified",
    );
  }
  const slopes = familyFields(model.gating, inputDim).filter((field) => field.length !== null);
  const gates = equalPairs(atoms, slopes);
  const all = (atoms.length * (atoms.length - 1)) / 2;
  if (gaugeOf(model.gating.description, model.gating.options) !== "none" && slopes.length > 0) {
    const names = slopes.map((field) => field.name).join(", ");
    if (gates.length === all) warn(`all atoms have the same ${names}: the gate does not depend on x`);
    else if (gates.length > 0)
      warn(`atoms ${listPairs(gates)} have the same ${names}; theory assumes distinct ones`);
  }
  const experts = equalPairs(atoms, familyFields(model.expert, inputDim));
  if (experts.length > 0)
    warn(`atoms ${listPairs(experts)} have the same expert; theory assumes distinct ones`);
}

/** Pairs of atoms (or of the gates of groups) that agree in these fields. */
export function equalPairs(atoms: readonly NamedAtom[], fields: readonly AtomField[]): [number, number][] {
  const keys = atoms.map((atom) => JSON.stringify(fields.map((field) => atom[field.name])));
  return keys.flatMap((key, j) =>
    keys.slice(0, j).flatMap((other, i): [number, number][] => (other === key ? [[i, j]] : [])),
  );
}

/** `0 and 1, 2 and 3`, at most three of them. */
export function listPairs(pairs: readonly [number, number][]): string {
  const shown = pairs.slice(0, 3).map(([i, j]) => `${i} and ${j}`);
  return shown.join(", ") + (pairs.length > 3 ? ", ..." : "");
}
