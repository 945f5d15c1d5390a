import type { FitTrace, ReplicateRow } from "@moe-rates/study";
import { alignedTable } from "../command-line/print-result.ts";

/** The trace of a fit as text: its certificate, what every basin's starts were, and losses. */
export function traceText({ row, trace }: { row: ReplicateRow; trace: FitTrace | null }): string {
  const lines: [string, string][] = [
    ["status", row.failure === null ? row.status : `${row.status}: ${row.failure.message}`],
  ];
  if (trace !== null) lines.push(...certificateLines(row, trace));
  const table = trace === null ? [] : ["", basinTable(trace)];
  const losses =
    row.losses.length === 0
      ? []
      : [
          "",
          alignedTable(
            ["loss", "component", "value"],
            row.losses.map((one) => [one.loss, one.component, Number(one.value.toPrecision(6))]),
          ),
        ];
  return [...lines.map(([name, value]) => `${name.padEnd(15)} ${value}`), ...table, ...losses].join("\n");
}

function certificateLines(
  row: ReplicateRow,
  { certificate, sse, iterations, evaluations }: FitTrace,
): [string, string][] {
  const reasons = certificate.reasons.join("; ");
  const against = row.certified
    ? "yes"
    : `NO: ${reasons === "" ? "the truth fits better, or the loss is not stable under tighter tolerances" : reasons}`;
  return [
    ["certified", against],
    ["sum of squares", row.sseTruth === null ? String(sse) : `${sse} (truth ${row.sseTruth})`],
    ["cosine", certificate.cosine.toExponential(2)],
    ["predicted", `${certificate.predictedReduction.toExponential(2)} noise variances to gain`],
    [
      "curvature",
      `smallest eigenvalue ${certificate.minEigenvalue.toExponential(2)}, ${certificate.flatDirections} flat directions`,
    ],
    ["at the box", certificate.activeBounds.length === 0 ? "nothing" : certificate.activeBounds.join(", ")],
    ["tightened", `${certificate.tightenedChange.toExponential(2)} noise variances`],
    ["audit", !certificate.audited ? "none" : certificate.beaten === true ? "beaten" : "not beaten"],
    [
      "starts",
      `${certificate.starts}, ${certificate.reachedBest} reached the best of ${certificate.optima} optima`,
    ],
    ["effort", `${iterations} iterations, ${evaluations} evaluations`],
  ];
}

/** Basins that are printed; the others are higher. */
const basinsShown = 12;

function basinTable({ starts }: FitTrace): string {
  const basins = [...new Set(starts.map(({ basin }) => basin))].toSorted((a, b) => a - b);
  const rows = basins.slice(0, basinsShown).map((basin) => {
    const members = starts.filter((start) => start.basin === basin);
    const policies = [...new Set(members.map(({ policy }) => policy))];
    const counts = policies.map(
      (policy) => `${policy} ${members.filter((one) => one.policy === policy).length}`,
    );
    const final = members.find(({ finalSse }) => finalSse !== null)?.finalSse ?? null;
    const screening = Math.min(...members.map(({ screeningSse }) => screeningSse));
    return [basin, screening, final, counts.join(", ")];
  });
  const rest = basins.length > basinsShown ? `\n${basins.length - basinsShown} more basins` : "";
  return `${alignedTable(["basin", "screened S", "polished S", "starts"], rows)}${rest}`;
}
