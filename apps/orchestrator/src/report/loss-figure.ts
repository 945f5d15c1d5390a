import * as Plot from "@observablehq/plot";
import { pictureDocument, pictureMarkup, pictureWidth, replicateMarks } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { shortNumber, slopeNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import { logAxis } from "./log-axis.ts";
import type { LossPointFacts, ReplicateValue } from "./report-data.ts";
import { colourOf, cornerText, gridLines, legendEntry, legendLine, symbolOf } from "./series-style.ts";

/** A straight or bent line through the plot: value = factor n^exponent (log n)^logExponent. */
export interface PlottedLaw {
  readonly label: string;
  readonly exponent: number;
  readonly logExponent: number;
  readonly kind: "published" | "audited";
}

/** One component of a loss over the sample sizes. */
export interface PlottedSeries {
  readonly name: string;
  /** Ascending in n, with a positive median each. */
  readonly points: readonly LossPointFacts[];
  readonly slope: {
    readonly slope: number;
    readonly standardError: number | null;
    readonly intercept: number;
  } | null;
  /** Laws that theory gives for it. */
  readonly laws: readonly PlottedLaw[];
}

/** A log-log plot of one design. */
export interface LossPlot {
  readonly id: string;
  readonly design: string;
  readonly title: string;
  readonly series: readonly PlottedSeries[];
  /** From this size on a power law is tenable, Infinity where it nowhere is; null when it is from the first size on. */
  readonly powerLawFrom: number | null;
  readonly shownReplicates: number;
}

/** Medians over replicates against n on logarithmic axes: error bars, single replicates, the fitted line and the laws of theory. */
export function lossFigure(plot: LossPlot): Figure {
  const rows = plot.series.flatMap(({ name, points }) => points.map((point) => ({ name, point })));
  return {
    id: plot.id,
    design: plot.design,
    title: plot.title,
    caption: captionOf(plot),
    pictures: [{ label: "", svg: picture(plot) }],
    replicates: [
      replicatesOf(plot.series).map(({ name, n, replicate, value, certified }) => [
        `${name}, n = ${wholeNumber(n)}: ${shortNumber(value)}${certified ? "" : ", not certified"}`,
        n,
        replicate,
      ]),
    ],
    columns: ["component", "n", "replicates", "median", "low", "high"],
    rows: rows.map(({ name, point }) => [
      name,
      point.n,
      point.replicates,
      point.median,
      point.low,
      point.high,
    ]),
  };
}

function captionOf({ series, powerLawFrom, shownReplicates }: LossPlot): Figure["caption"] {
  const laws = series.some((one) => one.laws.length > 0);
  const shaded =
    powerLawFrom === Infinity
      ? "Shaded: no stretch of sizes fits a power law. "
      : `Shaded: sizes before the power law, which is tenable from n = ${wholeNumber(powerLawFrom ?? 0)} on. `;
  return fragment`Medians over replicates with 95 % intervals, from six replicates on; line: fitted slope over all
    sizes${laws && "; broken lines: what theory states, through the last median"}. ${powerLawFrom !== null && shaded}Dots:
    the first ${shownReplicates} replicates of each size and the two extreme ones.`;
}

type ReplicatePoint = ReplicateValue & { readonly name: string; readonly index: number; readonly n: number };

function replicatesOf(series: readonly PlottedSeries[]): ReplicatePoint[] {
  return series.flatMap(({ name, points }, index) =>
    points.flatMap(({ n, shown }) =>
      shown.filter(({ value }) => value > 0).map((one) => ({ ...one, name, index, n })),
    ),
  );
}

function picture({ title, series, powerLawFrom }: LossPlot): string {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(({ n }) => n)))].sort((a, b) => a - b);
  const replicates = replicatesOf(series);
  const heights = [
    ...replicates.map(({ value }) => value),
    ...series.flatMap(({ points }) => points.flatMap(heightsOf)),
  ];
  const x = logAxis("sample size n", sizes[0] / 1.2, sizes[sizes.length - 1] * 1.2);
  const y = logAxis("loss", Math.min(...heights) / 1.2, Math.max(...heights) * 1.2);
  const legend = legendOf(series);
  const plot = Plot.plot({
    document: pictureDocument(),
    width: pictureWidth,
    height: 285 + legendLine * legend.length,
    marginTop: 14 + legendLine * legend.length,
    marginLeft: 58,
    marginRight: 12,
    marginBottom: 40,
    x: { ...x, domain: [...x.domain] },
    y: { ...y, domain: [...y.domain] },
    color: { type: "identity" },
    symbol: { type: "identity" },
    marks: [
      ...shade(powerLawFrom, x.domain),
      ...gridLines(x.ticks, y.ticks),
      Plot.dot(replicates, {
        x: "n",
        y: "value",
        dx: 7,
        r: 2,
        fill: (one: ReplicatePoint) => colourOf(one.index),
        fillOpacity: 0.4,
        ariaDescription: replicateMarks,
      }),
      ...series.flatMap((one, index) => [
        ...lawLines(one, sizes, colourOf(index)),
        ...fittedLine(one, sizes, colourOf(index)),
        Plot.ruleX(
          one.points.filter(({ low, high }) => (low ?? 0) > 0 && high !== null),
          { x: "n", y1: "low", y2: "high", stroke: colourOf(index), strokeWidth: 2 },
        ),
        Plot.dot(one.points, {
          x: "n",
          y: "median",
          symbol: symbolOf(index),
          r: 4.5,
          fill: colourOf(index),
          stroke: "var(--paper)",
          strokeWidth: 1,
        }),
      ]),
      ...legend.flatMap(({ text, of }, line) =>
        typeof of === "number"
          ? legendEntry(text, of, line, legend.length)
          : [
              cornerText(lawSamples[of], 0, (line - legend.length) * legendLine),
              cornerText(text, 18, (line - legend.length) * legendLine),
            ],
      ),
    ],
  });
  return pictureMarkup(plot, `${title}: ${legend.map(({ text }) => text).join("; ")}`);
}

/** The sizes before the power law. */
function shade(powerLawFrom: number | null, [low, high]: readonly [number, number]): Plot.Markish[] {
  if (powerLawFrom === null) return [];
  return [Plot.rectX([0], { x1: low, x2: Math.min(high, powerLawFrom / 1.15), fill: "var(--shade)" })];
}

function heightsOf({ median, low, high }: LossPointFacts): number[] {
  return [median, low ?? 0, high ?? 0].filter((value) => value > 0);
}

interface LegendLine {
  readonly text: string;
  /** Index of the series, or the kind of a law. */
  readonly of: number | PlottedLaw["kind"];
}

function legendOf(series: readonly PlottedSeries[]): LegendLine[] {
  const laws = new Map(series.flatMap((one) => one.laws.map(({ label, kind }) => [label, kind] as const)));
  return [
    ...series.map(({ name, slope }, index) => ({
      text:
        slope === null
          ? name
          : `${name}: slope ${slopeNumber(slope.slope)} ± ${slopeNumber(slope.standardError)}`,
      of: index,
    })),
    ...[...laws].map(([text, kind]) => ({ text, of: kind })),
  ];
}

const lawDashes = { published: "6,3", audited: "2,3" } as const;
const lawSamples = { published: "– –", audited: "···" } as const;

function fittedLine({ slope }: PlottedSeries, sizes: readonly number[], stroke: string): Plot.Markish[] {
  if (slope === null) return [];
  const ends = [sizes[0], sizes[sizes.length - 1]];
  const y = ends.map((n) => Math.exp(slope.intercept + slope.slope * Math.log(n)));
  return [Plot.line(ends, { x: ends, y, stroke, strokeWidth: 1.5 })];
}

/** A law through the last median: theory gives exponents, not constants. */
function lawLines({ laws, points }: PlottedSeries, sizes: readonly number[], stroke: string): Plot.Markish[] {
  const last = points.at(-1);
  if (last === undefined) return [];
  const shape = (law: PlottedLaw, n: number): number => n ** law.exponent * Math.log(n) ** law.logExponent;
  return laws.map((law) => {
    const y = sizes.map((n) => (last.median * shape(law, n)) / shape(law, last.n));
    return Plot.line(sizes, {
      x: sizes,
      y,
      stroke,
      strokeWidth: 1.3,
      strokeDasharray: lawDashes[law.kind],
      clip: true,
    });
  });
}
