import { stringify } from "yaml";
import { dataTable } from "./data-table.ts";
import { fragment } from "./html.ts";
import type { Html } from "./html.ts";
import type { ReportData, RunFacts } from "./report-data.ts";

/** Most runs that stand side by side; more of them become rows. */
const mostColumns = 3;

/** What the results rest on: runs with their versions and machines, and the study as it was resolved. */
export function provenanceSection({ runs, study }: ReportData): Html {
  const facts = Object.keys(runs[0] ?? {});
  const titleOf = (fact: string): string => fact.replaceAll("_", " ");
  return fragment`<section aria-labelledby="provenance">
    <h2 id="provenance">Provenance</h2>
    ${
      runs.length <= mostColumns
        ? dataTable(
            "runs",
            facts.filter((fact) => fact !== "run"),
            [
              { title: "of the run", name: true, cell: titleOf },
              ...runs.map((run, index) => ({
                title: `run ${run["run"] ?? index + 1}`,
                cell: (fact: string) => valueOf(run, fact),
              })),
            ],
          )
        : dataTable(
            "runs",
            runs,
            facts.map((fact) => ({ title: titleOf(fact), cell: (run) => valueOf(run, fact) })),
          )
    }
    ${
      study !== null &&
      fragment`<h3>The study, every default filled in</h3>
        <pre tabindex="0">${stringify(study, { lineWidth: 120 })}</pre>`
    }
  </section>`;
}

/** A fact of a run; times to the second, UTC. */
function valueOf(run: RunFacts, fact: string): string | number {
  const value = run[fact] ?? "";
  return typeof value === "string" && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+$/.test(value)
    ? `${value.slice(0, 19)} UTC`
    : value;
}
