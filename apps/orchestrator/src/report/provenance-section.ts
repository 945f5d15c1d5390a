import { stringify } from "yaml";
import { dataTable } from "./data-table.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import type { ReportData } from "./report-data.ts";

/** What the results rest on: runs with their versions and machines, and the study as it was resolved. */
export function provenanceSection({ runs, study }: ReportData): Html {
  const columns = Object.keys(runs[0] ?? {});
  return fragment`<section aria-labelledby="provenance">
    <h2 id="provenance">Provenance</h2>
    ${dataTable(
      "runs",
      runs,
      columns.map((column) => ({ title: column.replaceAll("_", " "), cell: (run) => run[column] ?? "" })),
    )}
    ${
      study !== null &&
      fragment`<h3>The study, every default filled in</h3>
        <pre tabindex="0">${stringify(study, { lineWidth: 120 })}</pre>`
    }
  </section>`;
}
