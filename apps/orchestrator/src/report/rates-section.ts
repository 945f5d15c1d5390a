import type { JudgedLaw } from "../inference/judge-rate.ts";
import type { JudgedRate } from "../inference/judged-rates.ts";
import type { NamedRate } from "../store/read-rates.ts";
import { plural } from "../progress/format.ts";
import { dataTable } from "./data-table.ts";
import type { TableColumn } from "./data-table.ts";
import { percent, slopeNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import { lawMarkup } from "./law-text.ts";
import type { ReportData } from "./report-data.ts";

/** The first thing a reader wants: the slope of every loss and of the errors in its cells beside what theory states, with the verdict and its reason;
 *  everything else folded. */
export function ratesSection({ rates, judged }: ReportData): Html {
  const first = judged.filter(({ slope }) => slope !== null);
  return fragment`<section aria-labelledby="rates">
    <h2 id="rates">Rates and verdicts</h2>
    <p>Slope of the log median loss on log n: −0.5 is the rate n<sup>−1/2</sup>. Intervals come from 999 bootstrap samples of whole replicates. A verdict holds a
      slope against one statement: what a paper publishes, and what can be proved or checked about it (audited). A statement about the worst truth of a class
      (minimax) is decided by no slope at one truth. <span class="screen">Open a verdict for its reason.</span></p>
    ${
      first.length === 0
        ? fragment`<p>No rates yet: they need losses at two sample sizes.</p>`
        : [
            fragment`<p>${tally(first, "published")} ${tally(first, "audited")}</p>`,
            dataTable(
              "rates and verdicts",
              first,
              [...nameColumns, slopeColumn, ...verdictColumns, ...lineColumns, certifiedColumn],
              true,
            ),
          ]
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
            slopeColumn,
            ...lineColumns,
            certifiedColumn,
          ],
        )}</details>`
    }
  </section>`;
}

/** How many statements have which verdict: "Of 11 audited statements 2 are consistent, 9 inconclusive." */
function tally(rows: readonly JudgedRate[], kind: "published" | "audited"): string {
  const verdicts = rows.flatMap((row) => row[kind]?.verdict ?? []);
  if (verdicts.length === 0) return `There is no ${kind} statement about these losses.`;
  const counts = (["consistent", "inconsistent", "inconclusive", "refused"] as const)
    .map((verdict) => [verdict, verdicts.filter((one) => one === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`);
  return `Of ${plural(verdicts.length, `${kind} statement`)}: ${counts.join(", ")}.`;
}

const nameColumns: readonly TableColumn<NamedRate>[] = [
  { title: "fit", name: true, cell: ({ fit, k }) => `${fit}, k = ${k}` },
  { title: "loss", name: true, cell: ({ loss }) => loss },
  { title: "component", name: true, cell: ({ component }) => component },
];

const certifiedColumn: TableColumn<NamedRate> = {
  title: "certified",
  number: true,
  cell: ({ certifiedShare, local }) => `${percent(certifiedShare)}${local ? ", local" : ""}`,
};

const slopeColumn: TableColumn<NamedRate> = {
  title: "slope ± se and 95 % interval",
  number: true,
  cell: ({ slope, standardError, ci }) =>
    slope === null
      ? "-"
      : [
          fragment`<span class="nowrap">${slopeNumber(slope)} ± ${slopeNumber(standardError)}</span>`,
          ci !== null &&
            fragment` <span class="nowrap">[${slopeNumber(ci[0])}, ${slopeNumber(ci[1])}]</span>`,
        ],
};

const lineColumns: readonly TableColumn<NamedRate>[] = [
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
  return fragment`<details><summary><span class="${law.verdict}">${law.verdict}</span> <span class="law">${lawMarkup(law.statement)}${scope}</span></summary>
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
