import * as Plot from "@observablehq/plot";
import { pictureDocument, pictureMarkup, pictureWidth } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { fragment } from "./html.ts";
import { logAxis, sizeAxis } from "./log-axis.ts";
import type { CostFacts, ReportDesign } from "./report-data.ts";
import { colourOf, gridLines, legendEntry, legendLine, sizeMarks, symbolOf } from "./series-style.ts";

/** Median CPU time of a replicate against n, one line per design. */
export function costFigure(
  id: string,
  designs: readonly (ReportDesign & { name: string })[],
  cost: readonly CostFacts[],
): Figure | null {
  const timed = cost.filter(({ cpuMsMedian }) => cpuMsMedian !== null && cpuMsMedian > 0);
  if (timed.length === 0) return null;
  const own = ({ design }: ReportDesign): CostFacts[] => timed.filter((one) => one.design === design);
  const sizes = timed.map(({ n }) => n);
  const times = timed.map(({ cpuMsMedian }) => Number(cpuMsMedian));
  const x = sizeAxis(sizes);
  const y = logAxis("CPU time of a replicate (ms)", Math.min(...times) / 1.3, Math.max(...times) * 1.3);
  const height = legendLine * designs.length;
  const plot = Plot.plot({
    document: pictureDocument(),
    width: pictureWidth,
    height: 270 + height,
    marginTop: 14 + height,
    marginLeft: 58,
    marginBottom: 40,
    x: { ...x, domain: [...x.domain] },
    y: { ...y, domain: [...y.domain] },
    color: { type: "identity" },
    symbol: { type: "identity" },
    marks: [
      ...gridLines(x.ticks, y.ticks),
      sizeMarks(x.ticks),
      ...designs.flatMap((design, index) => [
        Plot.line(own(design), { x: "n", y: "cpuMsMedian", stroke: colourOf(index) }),
        Plot.dot(own(design), {
          x: "n",
          y: "cpuMsMedian",
          fill: colourOf(index),
          symbol: symbolOf(index),
          r: 4.5,
        }),
        ...legendEntry(design.name, index, index, designs.length),
      ]),
    ],
  });
  return {
    id,
    title: "Time of a replicate",
    caption: fragment`Median CPU time of one replicate: sampling, fitting with every start, certificate and
    losses.`,
    pictures: [
      { label: "", svg: pictureMarkup(plot, "Median CPU time of a replicate against n, by design") },
    ],
    columns: ["fit", "n", "replicates", "cpu ms total", "cpu ms median", "cpu ms max"],
    rows: cost.map((one) => [
      designs.find(({ design }) => design === one.design)?.name ?? one.design,
      one.n,
      one.replicates,
      one.cpuMsTotal,
      one.cpuMsMedian,
      one.cpuMsMax,
    ]),
  };
}
