import { shellWord } from "../command-line/shell-word.ts";
import { dataTable } from "./data-table.ts";
import { percent, shortNumber, wholeNumber } from "./format-number.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import type { ReportData } from "./report-data.ts";

/** What the search found and what it could not certify, per design point. */
export function searchSection(
  { search, uncertified, database }: ReportData,
  nameOf: (design: string) => string,
): Html {
  return fragment`<section aria-labelledby="certificates">
    <h2 id="certificates">Basins and certificates</h2>
    <p>
      A fit is certified when it is stationary, independent starts reached its basin, and tighter tolerances
      do not move it. An audit screens ten times as many starts on one replicate in fifty; a beaten fit was
      not the global one.
    </p>
    ${dataTable("search", search, [
      { title: "fit", name: true, cell: ({ design }) => nameOf(design) },
      { title: "n", number: true, cell: ({ n }) => wholeNumber(n) },
      { title: "replicates", number: true, cell: ({ replicates }) => wholeNumber(replicates) },
      {
        title: "certified",
        number: true,
        cell: ({ certified, replicates }) => percent(replicates === 0 ? null : certified / replicates),
      },
      { title: "starts, median", number: true, cell: ({ medianStarts }) => shortNumber(medianStarts) },
      { title: "basins, median", number: true, cell: ({ medianOptima }) => shortNumber(medianOptima) },
      {
        title: "starts in the best basin, median",
        number: true,
        cell: ({ medianReachedBest }) => shortNumber(medianReachedBest),
      },
      {
        title: "beaten of audited",
        number: true,
        cell: ({ audited, beaten }) => (audited === 0 ? "-" : `${beaten} of ${audited}`),
      },
    ])}
    ${
      uncertified.length === 0
        ? fragment`<p>Every fit is certified.</p>`
        : fragment`<h3>Fits without a certificate</h3>
            ${dataTable("fits without a certificate", uncertified, [
              { title: "fit", name: true, cell: ({ design }) => nameOf(design) },
              { title: "n", number: true, cell: ({ n }) => wholeNumber(n) },
              { title: "fits", number: true, cell: ({ replicates }) => wholeNumber(replicates) },
              { title: "first reason that applies", words: true, cell: ({ reason }) => reason },
              {
                title: "the first of them",
                cell: ({ design, n, example }) =>
                  fragment`<code>${replayCommand(database, `${design}/${n}`, example)}</code>`,
              },
            ])}`
    }
  </section>`;
}

/** The command that repeats a replicate; the file name quoted where a shell needs it. */
export function replayCommand(database: string, designPoint: string, replicate: number): string {
  return `moe-rates replay ${shellWord(database)} --design ${designPoint} --replicate ${replicate}`;
}
