import type { JudgedLaw } from "../inference/judge-rate.ts";
import type { JudgedRate } from "../inference/judged-rates.ts";
import type { NamedRate } from "../store/read-rates.ts";
import { dataTable } from "./data-table.ts";
import type { TableColumn } from "./data-table.ts";
import { percent, slopeNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import type { ReportData } from "./report-data.ts";

/** The first thing a reader wants: the slope of every loss and of the errors in its cells beside what theory states, with the verdict and its reason;
 *  everything else folded. */
export function ratesSection({ rates, judged }: ReportData): Html {
  const first = judged.filter(({ slope }) => slope !== null);
  return fragment`<section aria-labelledby="rates">
    <h2 id="rates">Rates and verdicts</h2>
    <p>Slope of the log median loss on log n: −0.5 is the rate n<sup>−1/2</sup>. Intervals come from 999 bootstrap samples of whole replicates. A verdict holds a
      slope against one statement: what a paper publishes, and what can be proved or checked about it (audited). A statement about the worst truth of a class
      (minimax) is decided by no slope at one truth. Open a verdict for its reason.</p>
    ${
      first.length === 0
        ? fragment`<p>No rates yet: they need losses at two sample sizes.</p>`
        : dataTable(
            "rates and verdicts",
            first,
            [...nameColumns, certifiedColumn, ...slopeColumns, ...verdictColumns],
            true,
          )
    }
    ${
      first.length > 0 &&
      fragment`<details id="shapes"><summary>How the points behind each slope behave: curvature, burn-in, choice of laws</summary>${dataTable(
        "shapes",
        first,
        [...nameColumns, ...shapeColumns],
      )}</details>`
    }
    ${
      rates.length > 0 &&
      fragment`<details id="all-rates"><summary>All components, means, and certified fits alone (${rates.length} rows)</summary>
        <p>Here all intervals are those of the view <code>rates</code>, which leave out one whole replicate at a time.</p>${dataTable(
          "all rates",
          rates,
          [
            ...nameColumns,
            { title: "statistic", cell: ({ statistic }) => statistic },
            { title: "fits", cell: ({ fits, local }) => (local ? `${fits}, local` : fits) },
            certifiedColumn,
            ...slopeColumns,
          ],
        )}</details>`
    }
  </section>`;
}

const nameColumns: readonly TableColumn<NamedRate>[] = [
  { title: "fit", cell: ({ fit }) => fit },
  { title: "k", number: true, cell: ({ k }) => k },
  { title: "loss", cell: ({ loss }) => loss },
  { title: "component", cell: ({ component }) => component },
];

const certifiedColumn: TableColumn<NamedRate> = {
  title: "certified",
  number: true,
  cell: ({ certifiedShare, local }) => `${percent(certifiedShare)}${local ? ", local" : ""}`,
};

const slopeColumns: readonly TableColumn<NamedRate>[] = [
  {
    title: "slope ± se",
    number: true,
    cell: ({ slope, standardError }) =>
      slope === null ? "-" : `${slopeNumber(slope)} ± ${slopeNumber(standardError)}`,
  },
  {
    title: "95 % interval",
    number: true,
    cell: ({ ci }) => (ci === null ? "-" : `[${slopeNumber(ci[0])}, ${slopeNumber(ci[1])}]`),
  },
  { title: "R²", number: true, cell: ({ r2 }) => slopeNumber(r2) },
  {
    title: "sizes",
    number: true,
    cell: ({ points, sizes }) => (points === sizes ? points : `${points} of ${sizes}`),
  },
];

const verdictColumns: readonly TableColumn<JudgedRate>[] = [
  { title: "published", words: true, cell: ({ published }) => lawCell(published) },
  { title: "audited", words: true, cell: ({ audited }) => lawCell(audited) },
];

/** The verdict and the statement it is about; folded, the reason and where the statement comes from. */
function lawCell(law: JudgedLaw | null): Html | string {
  if (law === null) return "no statement";
  const scope = { pointwise: "", bound: ", a bound", minimax: ", minimax" }[law.scope];
  return fragment`<details><summary><span class="${law.verdict}">${law.verdict}</span> ${law.statement}${scope}</summary>
    ${law.reason}. <span class="soft">${law.source}</span></details>`;
}

const shapeColumns: readonly TableColumn<JudgedRate>[] = [
  {
    title: "curvature p",
    number: true,
    cell: ({ curvature }) => (curvature.pValue === null ? "-" : curvature.pValue.toPrecision(2)),
  },
  {
    title: "power law from n",
    number: true,
    cell: ({ burnIn }) =>
      burnIn === null ? "-" : burnIn.fromN === null ? "nowhere" : wholeNumber(burnIn.fromN),
  },
  {
    title: "best law",
    cell: ({ decay }) =>
      decay?.fits[0] === undefined
        ? "-"
        : `${decay.fits[0].law}${decay.decided === null ? ", undecided" : ""}`,
  },
  {
    title: "detectable difference of slopes",
    number: true,
    cell: ({ detectable }) => (detectable === null ? "-" : slopeNumber(detectable)),
  },
];
