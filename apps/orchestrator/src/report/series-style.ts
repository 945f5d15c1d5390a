import * as Plot from "@observablehq/plot";
import { logTickText } from "./log-axis.ts";

const colours = [1, 2, 3, 4, 5, 6].map((index) => `var(--series-${index})`);
const symbols = ["circle", "square", "triangle", "diamond", "star", "wye"] as const;

/** Height of a line of a legend. */
export const legendLine = 17;

/** Colour of a series: a variable of the page (light and dark), written out in a downloaded picture. */
export function colourOf(index: number): string {
  return colours[index % colours.length];
}

/** Shape of a series: what is told by colour is told by shape as well. */
export function symbolOf(index: number): (typeof symbols)[number] {
  return symbols[index % symbols.length];
}

/** Words at a place measured from the upper left corner of the frame, in pixels. */
export function cornerText(words: string, dx: number, dy: number, fill = "var(--ink)"): Plot.Markish {
  return Plot.text([words], {
    text: (one: string) => one,
    frameAnchor: "top-left",
    lineAnchor: "middle",
    textAnchor: "start",
    dx,
    dy,
    fill,
    fontSize: 12,
  });
}

/** A line of a legend above the frame: the mark of a series and its name, `lines` - `line` lines above. */
export function legendEntry(name: string, index: number, line: number, lines: number): Plot.Markish[] {
  const dy = (line - lines) * legendLine;
  const fill = colourOf(index);
  return [
    Plot.dot([0], { frameAnchor: "top-left", dx: 6, dy, symbol: symbolOf(index), r: 4, fill }),
    cornerText(name, 22, dy, fill),
  ];
}

/** Marks and texts of a logarithmic axis of sample sizes. Written out, because a logarithmic scale keeps back texts like 8k that it did not choose. */
export function sizeMarks(ticks: readonly number[]): Plot.Markish {
  return Plot.axisX([...ticks], {
    text: logTickText,
    label: "sample size n",
    labelAnchor: "center",
    labelArrow: "none",
  });
}

/** Lines of the grid at the marks of both axes. */
export function gridLines(x: readonly number[] | number, y: readonly number[] | number): Plot.Markish[] {
  const style = { stroke: "var(--grid)", strokeOpacity: 1 };
  return [
    Plot.gridX({ ...style, ticks: typeof x === "number" ? x : [...x] }),
    Plot.gridY({ ...style, ticks: typeof y === "number" ? y : [...y] }),
  ];
}
