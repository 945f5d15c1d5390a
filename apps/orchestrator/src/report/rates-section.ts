import { percent, slopeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import { isError } from "./loss-series-groups.ts";
import type { ReportData } from "./report-data.ts";
import { dataTable } from "./data-table.ts";

type Rate = ReportData["rates"][number];

/** The first thing a reader wants: the slope of every loss and of the errors in its cells, with interval and certified share; everything else folded. */
export function ratesSection({ rates }: ReportData): Html {
  const first = rates.filter(
    ({ statistic, fits, slope, component }) =>
      statistic === "median" &&
      fits === "all" &&
      slope !== null &&
      (component === "total" || isError(component)),
  );
  return fragment`<section aria-labelledby="rates">
    <h2 id="rates">Rates</h2>
    <p>
      Slope of the log median loss on log n: −0.5 is the rate n<sup>−1/2</sup>. Standard errors leave out one
      whole replicate at a time; t intervals. Slopes of fits without a certificate, or of local ones, describe
      where an optimiser stopped and not the least-squares estimator.
    </p>
    ${first.length === 0 ? fragment`<p>No rates yet: they need losses at two sample sizes.</p>` : ratesTable(first, "rates")}
    ${
      rates.length > 0 &&
      fragment`<details id="all-rates">
        <summary>All components, means, and certified fits alone (${rates.length} rows)</summary>
        ${ratesTable(rates, "all rates")}
      </details>`
    }
  </section>`;
}

function ratesTable(rates: readonly Rate[], label: string): Html {
  return dataTable(label, rates, [
    { title: "fit", cell: ({ fit }) => fit },
    { title: "k", number: true, cell: ({ k }) => k },
    { title: "loss", cell: ({ loss }) => loss },
    { title: "component", cell: ({ component }) => component },
    { title: "statistic", cell: ({ statistic }) => statistic },
    { title: "fits", cell: ({ fits, local }) => (local ? `${fits}, local` : fits) },
    { title: "certified", number: true, cell: ({ certifiedShare }) => percent(certifiedShare) },
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
  ]);
}
