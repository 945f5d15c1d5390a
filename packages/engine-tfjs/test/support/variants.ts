import type { FamilyOption } from "@moe-rates/gating";

/** Every combination of a family's switches and words, with small numbers for its integers. */
export function variantsOf(options: Readonly<Record<string, FamilyOption>>): Record<string, unknown>[] {
  let variants: Record<string, unknown>[] = [{}];
  for (const [name, option] of Object.entries(options))
    variants = variants.flatMap((variant) =>
      valuesOf(option).map((value) => ({ ...variant, [name]: value })),
    );
  return variants;
}

function valuesOf({ type, allowed, minimum = 1, default: fallback }: FamilyOption): unknown[] {
  if (type === "boolean") return [false, true];
  if (allowed) return [...allowed];
  return type === "integer" ? [Math.max(2, minimum), Math.max(3, minimum)] : [fallback];
}
