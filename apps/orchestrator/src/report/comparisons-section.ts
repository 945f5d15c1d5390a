import type { NamedComparison } from "../inference/read-comparisons.ts";
import { dataTable } from "./data-table.ts";
import { shortNumber, slopeNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import type { ReportData } from "./report-data.ts";

/** Fits of different names on the same data: differences of slopes, ratios of losses, and observations for the same error. */
export function comparisonsSection({ comparisons }: ReportData): Html | null {
  if (comparisons.length === 0) return null;
  return fragment`<section aria-labelledby="comparisons">
    <h2 id="comparisons">Fits compared on the same data</h2>
    <p>Replicate by replicate, b against a: below 0, or below 1, b is the better one. Intervals are 95 %.</p>
    ${dataTable("comparisons", comparisons, [
      { title: "a", cell: ({ fitA, kA }) => `${fitA}, k = ${kA}` },
      { title: "b", cell: ({ fitB, kB }) => `${fitB}, k = ${kB}` },
      { title: "loss", cell: ({ loss }) => loss },
      {
        title: "slope of b − slope of a",
        number: true,
        cell: ({ slopeDifference: { value, ci } }) => withInterval(value, ci, slopeNumber),
      },
      { title: "loss of b / loss of a at the largest n", number: true, cell: lossRatio },
      {
        title: "n of b / n of a for the same error",
        number: true,
        cell: ({ sampleSizeRatio: ratio }) =>
          ratio === null
            ? "-"
            : `${withInterval(ratio.ratio, ratio.ci, shortNumber)}${ratio.extrapolated ? ", extrapolated" : ""}`,
      },
    ])}
  </section>`;
}

/** Ratio of the losses, geometric mean over the pairs. */
function lossRatio({ points }: NamedComparison): string {
  const last = points.at(-1);
  if (last === undefined || last.meanLogRatio.value === null) return "-";
  const { value, ci } = last.meanLogRatio;
  return `${withInterval(Math.exp(value), ci === null ? null : [Math.exp(ci[0]), Math.exp(ci[1])], shortNumber)} at ${wholeNumber(last.n)}`;
}

function withInterval(
  value: number | null,
  ci: readonly [number, number] | null,
  text: (value: number | null) => string,
): string {
  return `${text(value)}${ci === null ? "" : ` [${text(ci[0])}, ${text(ci[1])}]`}`;
}
