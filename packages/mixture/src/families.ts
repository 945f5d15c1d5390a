import { gatings, type GatingFamily } from "@moe-rates/gating";
import { experts, type ExpertFamily } from "@moe-rates/experts";
import { nearestWord } from "@moe-rates/math";

/** A family by name, or with options: `"softmax"`, `{family: "ffn", activation: "tanh", bias: false}`. */
export type FamilySpec = string | ({ readonly family: string } & Readonly<Record<string, unknown>>);
export type GatingSpec = FamilySpec;
export type ExpertSpec = FamilySpec;

/** Every family a study may name: the shipped registries plus what plugins add. */
export interface Families {
  readonly gatings: Readonly<Record<string, GatingFamily>>;
  readonly experts: Readonly<Record<string, ExpertFamily>>;
}

/** The families of this version. */
export const shippedFamilies: Families = { gatings, experts };

/** The shipped families and a plugin's own; a plugin may not replace a shipped name. */
export function withPlugin(families: Families, plugin: Partial<Families>, source: string): Families {
  for (const kind of ["gatings", "experts"] as const) {
    for (const [name, family] of Object.entries(plugin[kind] ?? {})) {
      if (name in families[kind]) throw new Error(`${source}: ${kind.slice(0, -1)} "${name}" exists already; give yours another name`);
      if (typeof family?.create !== "function" || typeof family.atomFields !== "function") {
        throw new Error(`${source}: ${kind.slice(0, -1)} "${name}" needs the functions create and atomFields`);
      }
    }
  }
  return {
    gatings: { ...families.gatings, ...plugin.gatings },
    experts: { ...families.experts, ...plugin.experts },
  };
}

/** The family a specification names, with its options filled in from the defaults.
 *  Throws with the known names, and the nearest one, on an unknown family or option. */
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
      throw new Error(`unknown option of ${kind} ${name}: ${unknownWord(option, Object.keys(family.options))}`);
    }
    options[option] = value;
  }
  return { family, options };
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
  const known: Readonly<Record<string, GatingFamily | ExpertFamily>> = kind === "gating" ? families.gatings : families.experts;
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
