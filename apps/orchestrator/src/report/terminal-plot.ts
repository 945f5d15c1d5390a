import plot from "simple-ascii-chart";
import type { SingleLine } from "simple-ascii-chart";
import type { Terminal } from "../terminal.ts";
import { writeLine } from "../terminal.ts";
import type { QueryResult } from "../store/query-result.ts";
import { rowObjects } from "../store/query-result.ts";
import { logTicks, logTickText } from "./log-axis.ts";

/** Points of the plot: the median total of every loss at every size. */
export const plotSql = `SELECT fit, p.k, loss, n, value FROM loss_points p JOIN designs USING (design)
  WHERE component = 'total' AND statistic = 'median' AND fits = 'all' AND value > 0 ORDER BY loss, fit, p.k, p.design, n`;

/** One line of the plot. */
export interface PlottedLine {
  readonly name: string;
  /** (n, loss), both positive, ascending in n. */
  readonly points: readonly (readonly [n: number, value: number])[];
}

/** Series of a plot: letters beyond these are hard to tell apart. */
const mostLines = 8;
const letters = "abcdefgh";

/** Lines out of the result of `plotSql`: one per loss, fit and k. */
export async function readPlottedLines(result: QueryResult): Promise<PlottedLine[]> {
  const lines = new Map<string, [number, number][]>();
  for (const { fit, k, loss, n, value } of await rowObjects(result)) {
    const name = `${String(loss)}, ${String(fit)}, k = ${String(k)}`;
    const points = lines.get(name) ?? [];
    points.push([Number(n), Number(value)]);
    lines.set(name, points);
  }
  return [...lines].map(([name, points]) => ({ name, points }));
}

/**
 * Log-log plot in letters for a terminal of `columns`: median loss against n, one letter per line and a legend below. Null with fewer than two
 * sample sizes.
 */
export function terminalPlot(lines: readonly PlottedLine[], columns: number): string | null {
  const drawn = lines.filter(({ points }) => points.length > 1).slice(0, mostLines);
  if (drawn.length === 0) return null;
  const coordinates = drawn.map(({ points }): SingleLine =>
    points.map(([n, value]) => [Math.log10(n), Math.log10(value)]),
  );
  const all = drawn.flatMap(({ points }) => points);
  const ticks = (axis: 0 | 1): number[] => {
    const values = all.map((point) => point[axis]);
    return logTicks(Math.min(...values) * 0.999, Math.max(...values) * 1.001).map(Math.log10);
  };
  let line = -1;
  const chart = plot(coordinates, {
    width: Math.max(30, Math.min(columns, 90) - 14),
    height: 14,
    mode: "point",
    customXAxisTicks: ticks(0),
    customYAxisTicks: ticks(1),
    formatter: (power) => logTickText(Number((10 ** power).toPrecision(2))),
    // The library names the point within its line, not the line: the lines come one after the other, each from its point 0 on.
    lineFormatter: ({ plotX, plotY, index }) => {
      if (index === 0) line += 1;
      return { x: plotX, y: plotY, symbol: letters[line] };
    },
  });
  const legend = drawn.map(({ name }, index) => `  ${letters[index]}  ${name}`);
  const left = lines.length - drawn.length;
  return [
    "median loss against n, both logarithmic",
    chart.replaceAll(/[^\S\n]+$/gm, "").replaceAll(/^\n+|\n+$/g, ""),
    ...legend,
    ...(left > 0 ? [`  and ${left} more, in moe-rates report`] : []),
  ].join("\n");
}

/** Writes the plot below a table, where there is one to draw. */
export async function writePlot(terminal: Terminal, lines: readonly PlottedLine[]): Promise<void> {
  const text = terminalPlot(lines, terminal.columns());
  if (text !== null) await writeLine(terminal.stdout, `\n${text}`);
}
