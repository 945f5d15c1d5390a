import { resolveFamily } from "@moe-rates/mixture";
import type { Families, FamilySpec } from "@moe-rates/mixture";
import { didYouMean } from "../command-line/did-you-mean.ts";

/** Throws an error naming the option, what came and what is allowed, when an option of a family has a value it cannot have. */
export function checkFamilyOptions(kind: "gating" | "expert", spec: FamilySpec, families: Families): void {
  const known = kind === "gating" ? families.gatings : families.experts;
  const { family, options } = resolveFamily<(typeof known)[string]>(kind, known, spec);
  for (const [name, value] of Object.entries(options)) {
    const option = family.options[name];
    const came = `option ${name} of ${family.name} is ${JSON.stringify(value)}`;
    if (option.allowed !== undefined && !option.allowed.some((one) => one === value)) {
      const words = option.allowed.map(String);
      throw new Error(`${came}; known: ${words.join(", ")}${didYouMean(String(value), words)}`);
    }
    const wanted = option.type === "integer" ? "number" : option.type;
    if (typeof value !== wanted) throw new Error(`${came}; it must be of type ${option.type}`);
    if (typeof value !== "number") continue;
    if (!Number.isFinite(value) || (option.type === "integer" && !Number.isInteger(value)))
      throw new Error(`${came}; it must be a finite ${option.type}`);
    if (value < (option.minimum ?? -Infinity))
      throw new Error(`${came}; it must be at least ${option.minimum}`);
    if (value > (option.maximum ?? Infinity))
      throw new Error(`${came}; it must be at most ${option.maximum}`);
  }
}
