import type { FamilyOption } from "@moe-rates/gating";
import { optionProblem, type Families } from "./families.ts";

const NAME = /^[a-z0-9][a-z0-9._-]*$/;
const OPTION_TYPES = ["string", "number", "integer", "boolean"];
const GAUGES = ["translation", "intercept", "none"];

/** The families known so far and a plugin's own, whose names must be new. `source` is what messages call the plugin.
 *  Throws with the family and the field on anything that a family of this form may not be: see GatingFamily and ExpertFamily. */
export function withPlugin(families: Families, plugin: Partial<Families>, source: string): Families {
  if (!isRecord(plugin))
    throw new TypeError(
      `${source}: a plugin is an object with gatings, experts or both, not ${shown(plugin)}`,
    );
  for (const kind of ["gatings", "experts"] as const) {
    const own: unknown = plugin[kind] ?? {};
    if (!isRecord(own))
      throw new TypeError(`${source}: ${kind} must be an object from names to families, not ${shown(own)}`);
    for (const [name, family] of Object.entries(own)) {
      const problem = Object.hasOwn(families[kind], name)
        ? "exists already; give yours another name"
        : familyProblem(kind, name, family);
      if (problem) throw new TypeError(`${source}: ${kind.slice(0, -1)} "${name}" ${problem}`);
    }
  }
  return {
    gatings: { ...families.gatings, ...plugin.gatings },
    experts: { ...families.experts, ...plugin.experts },
  };
}

function familyProblem(kind: "gatings" | "experts", name: string, family: unknown): string | null {
  if (!NAME.test(name)) return "needs a name of a-z, 0-9 and . _ - that starts with a letter or digit";
  if (!isRecord(family)) return `must be a family object, not ${shown(family)}`;
  if (family["name"] !== name) return `must carry its own name, not ${shown(family["name"])}`;
  if (typeof family["description"] !== "string") return "needs a description, one line of text";
  for (const method of ["create", "atomFields"]) {
    if (typeof family[method] !== "function") return `needs the function ${method}`;
  }
  if (
    kind === "gatings" &&
    typeof family["gauge"] !== "function" &&
    !GAUGES.includes(family["gauge"] as string)
  ) {
    return `has gauge ${shown(family["gauge"])}; known: ${GAUGES.join(", ")}`;
  }
  const options = family["options"];
  if (!isRecord(options)) return `needs options, an object that may be empty, not ${shown(options)}`;
  for (const [option, description] of Object.entries(options)) {
    const problem = optionDescriptionProblem(description);
    if (problem) return `has the option ${option}, whose ${problem}`;
  }
  const main = family["mainOption"];
  if (main !== undefined && !(typeof main === "string" && Object.hasOwn(options, main))) {
    return `has mainOption ${shown(main)}, which is not one of its options`;
  }
  return null;
}

function optionDescriptionProblem(option: unknown): string | null {
  if (!isRecord(option)) return `description must be an object, not ${shown(option)}`;
  if (!OPTION_TYPES.includes(option["type"] as string))
    return `type ${shown(option["type"])} is none of ${OPTION_TYPES.join(", ")}`;
  if (option["allowed"] !== undefined && !Array.isArray(option["allowed"]))
    return `allowed must be a list, not ${shown(option["allowed"])}`;
  const problem = optionProblem(option["default"], option as unknown as FamilyOption);
  return problem && `default must be ${problem}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined || typeof value === "function" ? typeof value : JSON.stringify(value);
}
