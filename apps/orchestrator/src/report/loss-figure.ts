import * as Plot from "@observablehq/plot";
import { pictureDocument, pictureMarkup, pictureWidth, replicateMarks } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { shortNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import { logAxis, sizeAxis } from "./log-axis.ts";
import { legendMarks, legendOf } from "./loss-legend.ts";
import type { PlottedLaw, PlottedSeries } from "./plotted-series.ts";
import type { LossPointFacts, ReplicateValue } from "./report-data.ts";
import { colourOf, gridLines, legendLine, sizeMarks, symbolOf } from "./series-style.ts";

/** A log-log plot of one design. */
export interface LossPlot {
  readonly id: string;
  readonly design: string;
  readonly title: string;
  readonly series: readonly PlottedSeries[];
  /** The burn-in, by the component of the figure whose burn-in is longest: from this size on its power law is tenable, Infinity where it nowhere is; null
   *  when all are tenable from the first size on. */
  readonly burnIn: { readonly component: string; readonly endsAt: number } | null;
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

function captionOf({ series, burnIn, shownReplicates }: LossPlot): Figure["caption"] {
  const laws = series.some((one) => one.laws.length > 0);
  return fragment`Medians over replicates with 95 % intervals, from six replicates on; line: fitted slope over all
    sizes${laws && "; broken lines: what theory states, through the last median"}. ${burnIn !== null && shadeText(burnIn, series.length)}Dots:
    the first ${shownReplicates} replicates of each size and the two extreme ones.`;
}

function shadeText({ component, endsAt }: NonNullable<LossPlot["burnIn"]>, components: number): string {
  const whose = components === 1 ? "" : ` of ${component}`;
  return endsAt === Infinity
    ? `Shaded: the points${whose} bend at every stretch of four sizes or more; no power law is tenable yet. `
    : `Shaded: burn-in${whose}; a power law is tenable from n = ${wholeNumber(endsAt)} on. `;
}

type ReplicatePoint = ReplicateValue & { readonly name: string; readonly index: number; readonly n: number };

function replicatesOf(series: readonly PlottedSeries[]): ReplicatePoint[] {
  return series.flatMap(({ name, points }, index) =>
    points.flatMap(({ n, shown }) =>
      shown.filter(({ value }) => value > 0).map((one) => ({ ...one, name, index, n })),
    ),
  );
}

function picture({ title, series, burnIn }: LossPlot): string {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(({ n }) => n)))].sort((a, b) => a - b);
  const replicates = replicatesOf(series);
  const heights = [
    ...replicates.map(({ value }) => value),
    ...series.flatMap(({ points }) => points.flatMap(heightsOf)),
  ];
  const x = sizeAxis(sizes);
  const y = logAxis("loss", Math.min(...heights) / 1.2, Math.max(...heights) * 1.2);
  const legend = legendOf(series);
  const step = dodgeStep(sizes.length, series.length);
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
      ...shade(burnIn?.endsAt ?? null, x.domain),
      ...gridLines(x.ticks, y.ticks),
      sizeMarks(x.ticks),
      ...series.map((_, index) =>
        Plot.dot(
          replicates.filter((one) => one.index === index),
          {
            x: "n",
            y: "value",
            dx: (series.length / 2 + 0.9 + index) * step,
            r: 2,
            fill: colourOf(index),
            fillOpacity: 0.4,
            ariaDescription: replicateMarks,
          },
        ),
      ),
      ...series.flatMap((one, index) => [
        ...lawLines(one, sizes, colourOf(index)),
        ...fittedLine(one, sizes, colourOf(index)),
        Plot.ruleX(
          one.points.filter(({ low, high }) => (low ?? 0) > 0 && high !== null),
          {
            x: "n",
            y1: "low",
            y2: "high",
            dx: (index - (series.length - 1) / 2) * step,
            stroke: colourOf(index),
            strokeWidth: 2,
          },
        ),
        Plot.dot(one.points, {
          x: "n",
          y: "median",
          dx: (index - (series.length - 1) / 2) * step,
          symbol: symbolOf(index),
          r: 4.5,
          fill: colourOf(index),
          stroke: "var(--paper)",
          strokeWidth: 1,
        }),
      ]),
      ...legendMarks(legend),
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

/** Pixels between the series at one sample size, so that neither they nor their replicates lie on each other or on those of the next size. */
function dodgeStep(sizes: number, series: number): number {
  const room = (0.8 * pictureWidth) / Math.max(sizes, 2);
  return Math.min(6, room / (2 * series + 1));
}

const lawDashes = { published: "6,3", audited: "2,3" } as const;

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
