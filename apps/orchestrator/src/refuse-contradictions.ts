import { compareWithStored, formatDifference } from "@moe-rates/study";
import type { Design, StoredDesign } from "@moe-rates/study";
import { InputError } from "./input-error.ts";

/** Throws InputError, with every difference, when the designs contradict what the file holds. Sizes, replicates, fits and losses may be added. */
export function refuseContradictions(
  file: string,
  stored: readonly StoredDesign[],
  designs: readonly Design[],
): void {
  const { refused } = compareWithStored(stored, designs);
  if (refused.length === 0) return;
  const lines = new Set<string>();
  for (const { design, because, differences } of refused) {
    const where = because === "fit" ? `fit ${design.fit.name} with ${design.k} atoms: ` : "";
    for (const difference of differences) lines.add(`  ${where}${formatDifference(difference)}`);
  }
  throw new InputError(
    [
      `${file} holds other results: what determines existing numbers has changed.`,
      ...lines,
      "Use another --out, or another name for a changed fit; added sizes, replicates, fits and losses continue the file.",
    ].join("\n"),
  );
}
