import { gatings, type FamilyOption, type GatingFamily } from "@moe-rates/gating";
import { experts, type ExpertFamily } from "@moe-rates/experts";
import { nearestWord } from "@moe-rates/math";

/** A family by name, or with options: `"softmax"`, `{family: "ffn", activation: "tanh", bias: false}`. */
export type FamilySpec = string | ({ readonly family: string } & Readonly<Record<string, unknown>>);
/** A gating, an expert, as studies name them. */
export type GatingSpec = FamilySpec;
export type ExpertSpec = FamilySpec;

/** Every family a study may name: the shipped registries plus what plugins add. */
export interface Families {
  readonly gatings: Readonly<Record<string, GatingFamily>>;
  readonly experts: Readonly<Record<string, ExpertFamily>>;
}

/** The families of this version. */
export const shippedFamilies: Families = { gatings, experts };

/** The family a specification names, with its options filled in from the defaults.
 *  Throws with the known names, and the nearest one, on an unknown family, option or word, and on a value outside an option's range. */
export function resolveFamily<F extends GatingFamily | ExpertFamily>(
  kind: "gating" | "expert",
  known: Readonly<Record<string, F>>,
  spec: FamilySpec,
): { family: F; options: Record<string, unknown> } {
  const { family: name, ...given } = typeof spec === "string" ? { family: spec } : spec;
  const family = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!family) throw new Error(`unknown ${kind} ${unknownWord(name, Object.keys(known))}`);
  const options: Record<string, unknown> = {};
  for (const [option, description] of Object.entries(family.options)) options[option] = description.default;
  for (const [option, value] of Object.entries(given)) {
    if (!Object.hasOwn(family.options, option)) {
      throw new Error(
        `unknown option of ${kind} ${name}: ${unknownWord(option, Object.keys(family.options))}`,
      );
    }
    const problem = optionProblem(value, family.options[option]);
    if (problem) throw new Error(`option ${option} of ${kind} ${name} must be ${problem}`);
    options[option] = value;
  }
  const between = "optionsProblem" in family ? family.optionsProblem?.(options) : null;
  if (between) throw new Error(`option ${between.option} of ${kind} ${name} ${between.message}`);
  return { family, options };
}

/** Atoms in all of a model that has so many, with two levels in each group. */
export function totalAtoms(gating: GatingSpec, atoms: number, families: Families = shippedFamilies): number {
  const { family, options } = resolveFamily("gating", families.gatings, gating);
  return atoms * (family.groups?.count(options) ?? 1);
}

/** What an option's value must be and is not, or null when it is allowed. */
export function optionProblem(value: unknown, option: FamilyOption): string | null {
  const { type, allowed, minimum = -Infinity, maximum = Infinity } = option;
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  if (allowed && !allowed.includes(value as string | number)) {
    const nearest = typeof value === "string" ? nearestWord(value, allowed.map(String)) : undefined;
    return `one of ${allowed.join(", ")}, not ${shown}${nearest ? `; did you mean ${nearest}?` : ""}`;
  }
  if (type === "string" || type === "boolean") {
    return typeof value === type ? null : `${type === "string" ? "a word" : "true or false"}, not ${shown}`;
  }
  const fits = typeof value === "number" && Number.isFinite(value) && value >= minimum && value <= maximum;
  if (fits && (type === "number" || Number.isInteger(value))) return null;
  const range = [
    minimum > -Infinity && `at least ${minimum}`,
    maximum < Infinity && `at most ${maximum}`,
  ].filter(Boolean);
  return `${type === "integer" ? "an integer" : "a number"}${range.length > 0 ? ` of ${range.join(" and ")}` : ""}, not ${shown}`;
}

function unknownWord(word: string, known: string[]): string {
  const nearest = nearestWord(word, known);
  return `"${word}"; known: ${known.join(", ")}${nearest ? `; did you mean ${nearest}?` : ""}`;
}

/** Command-line form of a family: `linear`, `polynomial:3`, `ffn:tanh`, `ffn:gelu,scale`, `ffn:tanh,no-bias`. A bare word is the value of
 *  the family's main option, or the name of a boolean option (with `no-` in front: false); `key=value` sets any option. */
export function parseFamily(
  text: string,
  kind: "gating" | "expert",
  families: Families = shippedFamilies,
): { family: string } & Record<string, unknown> {
  const known: Readonly<Record<string, GatingFamily | ExpertFamily>> =
    kind === "gating" ? families.gatings : families.experts;
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const { family } = resolveFamily(kind, known, name);
  const main = "mainOption" in family ? family.mainOption : undefined;
  const spec: { family: string } & Record<string, unknown> = { family: name };
  for (const word of colon < 0 ? [] : text.slice(colon + 1).split(",")) {
    const [left, right] = word.split("=", 2);
    const bare = left.startsWith("no-") ? left.slice(3) : left;
    if (right !== undefined) spec[left] = optionValue(right);
    else if (family.options[bare]?.type === "boolean") spec[bare] = left === bare;
    else if (main !== undefined && !(main in spec)) spec[main] = optionValue(word);
    else throw new Error(`${kind} ${text}: ${unknownWord(word, Object.keys(family.options))}`);
  }
  return spec;
}

function optionValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}
