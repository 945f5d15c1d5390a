import type * as Plot from "@observablehq/plot";
import { slopeNumber } from "./format-number.ts";
import { lawText } from "./law-text.ts";
import type { PlottedLaw, PlottedSeries } from "./plotted-series.ts";
import { colourOf, cornerText, legendEntry, legendLine } from "./series-style.ts";

/** A line of the legend of a loss figure. */
export interface LegendLine {
  readonly text: string;
  /** Index of the series, null for a law of every series. */
  readonly series: number | null;
  readonly law: PlottedLaw["kind"] | null;
}

/** A line per series, with its laws below it; laws that every series has stand once, at the end. */
export function legendOf(series: readonly PlottedSeries[]): LegendLine[] {
  const lawLinesOf = (one: PlottedSeries, of: number | null): LegendLine[] =>
    one.laws.map(({ label, kind }) => ({ text: lawText(label), series: of, law: kind }));
  const labels = series.map(({ laws }) => laws.map(({ label }) => label).join("\n"));
  const common = labels.every((label) => label === labels[0]);
  return [
    ...series.flatMap((one, index) => [
      { text: seriesText(one), series: index, law: null },
      ...(common ? [] : lawLinesOf(one, index)),
    ]),
    ...(common && series[0] !== undefined ? lawLinesOf(series[0], null) : []),
  ];
}

function seriesText({ name, slope }: PlottedSeries): string {
  return slope === null
    ? name
    : `${name}: slope ${slopeNumber(slope.slope)} ± ${slopeNumber(slope.standardError)}`;
}

const lawSamples = { published: "– –", audited: "···" } as const;

function legendLaw(text: string, law: PlottedLaw["kind"], of: number | null, line: number): Plot.Markish[] {
  const fill = of === null ? "var(--ink)" : colourOf(of);
  return [
    cornerText(lawSamples[law], 0, line * legendLine, fill),
    cornerText(text, 22, line * legendLine, fill),
  ];
}

/** The marks of a legend above the frame. */
export function legendMarks(legend: readonly LegendLine[]): Plot.Markish[] {
  return legend.flatMap(({ text, series, law }, line) =>
    law === null
      ? legendEntry(text, series ?? 0, line, legend.length)
      : legendLaw(text, law, series, line - legend.length),
  );
}
