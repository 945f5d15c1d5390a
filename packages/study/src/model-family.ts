import type { AtomField, Families, FamilyDescription, OptionValue } from "./families.ts";
import { childKey, type Findings } from "./problem.ts";
import { type SourceNode, childOf } from "./source-node.ts";

/** A gating or an expert of a study with every option filled in. */
export interface ModelFamily {
  readonly description: FamilyDescription;
  readonly options: Readonly<Record<string, OptionValue>>;
  /** The long form: `family` first, then the options in the family's own order, without later ones at their defaults. */
  readonly spec: { family: string; [option: string]: OptionValue };
}

/** A gating with an expert: what decides the fields of an atom. */
export interface ModelFamilies {
  readonly gating: ModelFamily;
  readonly expert: ModelFamily;
}

/** A model as far as it could be read; what is null has been reported. */
export interface PartialModel {
  readonly gating: ModelFamily | null;
  readonly expert: ModelFamily | null;
}

/** The model, if both parts are known. */
export function completeModel({ gating, expert }: PartialModel): ModelFamilies | null {
  return gating === null || expert === null ? null : { gating, expert };
}

/** Reads a valid `gating` or `expert` node and fills the family's defaults in. */
export function readFamily(
  node: SourceNode | undefined,
  known: Families["gatings"] | Families["experts"],
): ModelFamily | null {
  const nameNode = node?.kind === "mapping" ? childOf(node, "family") : node;
  if (
    nameNode?.kind !== "scalar" ||
    typeof nameNode.value !== "string" ||
    !Object.hasOwn(known, nameNode.value)
  ) {
    return null;
  }
  const family = nameNode.value;
  const description = known[family];
  const options: Record<string, OptionValue> = {};
  for (const [name, option] of Object.entries(description.options)) {
    const given = childOf(node, name);
    const value = given === undefined ? option.default : given.kind === "scalar" ? given.value : null;
    if (value === null || value === undefined) return null;
    options[name] = value;
  }
  const named = Object.entries(options).filter(([name, value]) => {
    const option = description.options[name];
    return option.later !== true || value !== option.default;
  });
  return { description, options, spec: { family, ...Object.fromEntries(named) } };
}

/** Reports options of a family that do not go together; `key` is where the family stands. */
export function checkOptions(
  node: SourceNode | undefined,
  key: string,
  family: ModelFamily | null,
  findings: Findings,
): void {
  const problem = family?.description.optionsProblem?.(family.options);
  if (!problem || node === undefined) return;
  findings.report(
    (childOf(node, problem.option) ?? node).place,
    childKey(key, problem.option),
    problem.message,
  );
}

/** The family of a fit: without the options that stand for parameters it estimates. */
export function fittedFamily(family: ModelFamily): ModelFamily {
  const { description, spec } = family;
  const kept = Object.entries(spec).filter(([option]) => description.options[option]?.estimated !== true);
  return { ...family, spec: { ...Object.fromEntries(kept), family: spec.family } };
}

/** Fields of one atom: the gate's, then the expert's, as far as they are known. */
export function atomFields({ gating, expert }: PartialModel, inputDim: number): readonly AtomField[] {
  return [gating, expert].flatMap((family) => (family === null ? [] : familyFields(family, inputDim)));
}

/** Fields that a gating or an expert gives an atom. */
export function familyFields(family: ModelFamily, inputDim: number): readonly AtomField[] {
  return family.description.atomFields(inputDim, family.options);
}

/** Groups of a two-level gate, null where there is one level. */
export function groupCount({ description, options }: ModelFamily): number | null {
  return description.groups?.count(options) ?? null;
}

/** A two-level gate with so many groups, unless `node` itself says how many. */
export function withGroupCount(
  family: ModelFamily,
  node: SourceNode | undefined,
  groups: number,
): ModelFamily {
  if (childOf(node, "groups") !== undefined) return family;
  return {
    ...family,
    options: { ...family.options, groups },
    spec: { ...family.spec, groups },
  };
}

/** Numbers in a model with so many atoms, with two levels in each group. */
export function parameterCount(model: ModelFamilies, atoms: number, inputDim: number): number {
  const numbers = (fields: readonly AtomField[]) =>
    fields.reduce((sum, { length }) => sum + (length ?? 1), 0);
  const own = atoms * numbers(atomFields(model, inputDim));
  const groups = groupCount(model.gating);
  return groups === null ? own : groups * (own + numbers(model.gating.description.groups!.fields(inputDim)));
}

/** Whether two models have the same number of groups and give their atoms the same fields of the same lengths. */
export function sameFields(a: ModelFamilies, b: ModelFamilies, inputDim: number): boolean {
  const shape = (model: ModelFamilies): string =>
    JSON.stringify([groupCount(model.gating), atomFields(model, inputDim)]);
  return shape(a) === shape(b);
}
