import * as Plot from "@observablehq/plot";
import { pictureDocument, pictureMarkup, pictureWidth } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { CellFacts, ReportDesign } from "./report-data.ts";
import { colourOf, cornerText, legendLine } from "./series-style.ts";

/** Vectors that get a colour of their own; the rarer ones share the last. */
const mostVectors = 5;

/** Share of replicates by the vector of Voronoi cell sizes, per sample size: which true atom the spare ones join. */
export function cellsFigure(id: string, { design }: ReportDesign, cells: readonly CellFacts[]): Figure {
  const total = new Map<string, number>();
  for (const { cellSizes, replicates } of cells)
    total.set(nameOf(cellSizes), (total.get(nameOf(cellSizes)) ?? 0) + replicates);
  const ordered = [...total].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name]) => name);
  const named = ordered.length > mostVectors ? ordered.slice(0, mostVectors - 1) : ordered;
  const groups = ordered.length > mostVectors ? [...named, "others"] : named;
  const bars = cells.map((one) => ({
    size: wholeNumber(one.n),
    share: one.share,
    group: named.includes(nameOf(one.cellSizes)) ? nameOf(one.cellSizes) : "others",
  }));
  return {
    id,
    design,
    title: "Which cells the fitted atoms fill",
    caption: fragment`Share of replicates by the sizes of the Voronoi cells: (1, 2) means one fitted atom at the
    first true atom and two at the second. The loss changes its exponents between them.`,
    pictures: [
      {
        label: "",
        svg: picture(
          groups,
          bars,
          [...new Set(cells.map(({ n }) => n))].sort((a, b) => a - b),
        ),
      },
    ],
    columns: ["n", "cell sizes", "replicates", "share"],
    rows: cells.map(({ n, cellSizes, replicates, share }) => [n, nameOf(cellSizes), replicates, share]),
  };
}

function nameOf(sizes: readonly number[]): string {
  return `(${sizes.join(", ")})`;
}

interface Bar {
  readonly size: string;
  readonly share: number;
  readonly group: string;
}

function picture(groups: readonly string[], bars: readonly Bar[], sizes: readonly number[]): string {
  const colour = (group: string): string => colourOf(groups.indexOf(group));
  const lines = Math.ceil(groups.length / 3);
  const plot = Plot.plot({
    document: pictureDocument(),
    width: pictureWidth,
    height: 250 + legendLine * lines,
    marginTop: 12 + legendLine * lines,
    marginLeft: 58,
    marginBottom: 56,
    x: {
      type: "band",
      domain: sizes.map(wholeNumber),
      label: "sample size n",
      labelArrow: "none",
      labelAnchor: "center",
      tickRotate: sizes.length > 7 ? -40 : 0,
    },
    y: {
      domain: [0, 1],
      label: "share of replicates",
      labelAnchor: "center",
      labelArrow: "none",
      ticks: 5,
      tickFormat: "%",
    },
    color: { type: "identity" },
    marks: [
      Plot.barY(bars, {
        x: "size",
        y: "share",
        fill: (bar: Bar) => colour(bar.group),
        order: (bar: Bar) => groups.indexOf(bar.group),
        stroke: "var(--paper)",
      }),
      Plot.ruleY([0], { stroke: "var(--ink)" }),
      ...groups.flatMap((group, index) => {
        const [dx, dy] = [(index % 3) * 120, (Math.floor(index / 3) - lines) * legendLine];
        return [
          Plot.dot([0], {
            frameAnchor: "top-left",
            dx: dx + 6,
            dy,
            symbol: "square",
            r: 5,
            fill: colour(group),
          }),
          cornerText(group, dx + 18, dy),
        ];
      }),
    ],
  });
  return pictureMarkup(plot, `Share of replicates by cell sizes: ${groups.join(", ")}`);
}
