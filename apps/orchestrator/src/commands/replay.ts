import type { DuckDBConnection } from "@duckdb/node-api";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { loadPlugins } from "../load-plugins.ts";
import { compareRows, formatRowDifference } from "../replay/compare-rows.ts";
import type { RowDifference } from "../replay/compare-rows.ts";
import { recompute } from "../replay/recompute.ts";
import type { Recomputed } from "../replay/recompute.ts";
import { readSources } from "../replay/stored-source.ts";
import { readStoredRows } from "../replay/stored-rows.ts";
import type { StoredRow } from "../replay/stored-rows.ts";
import { traceText } from "../replay/trace-text.ts";
import { withStored } from "../replay/with-stored.ts";
import { select } from "../store/select.ts";
import { writeLine } from "../terminal.ts";
import { workerChoices, workerOptions } from "./study-options.ts";

interface Replayed extends Recomputed {
  readonly stored: StoredRow | null;
  readonly differences: readonly RowDifference[];
}

/** `moe-rates replay FILE --design ID --replicate R`. */
export const replay: Verb = {
  name: "replay",
  summary: "compute one replicate of a file again, show its fit's trace, and compare bit for bit",
  details:
    "ID is a design, which means all its sample sizes, or one design point, ID/N; the beginning of an id is enough when it is the only one.\n" +
    "Nothing is written. Exit code 1 when a result differs from the stored one.",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [
    {
      flag: "design",
      value: "ID",
      required: true,
      description: "design or design point, from the table designs or failures",
    },
    {
      flag: "replicate",
      value: "R",
      kind: "integer",
      min: 0,
      required: true,
      description: "number of the replicate",
    },
    {
      flag: "covariates",
      value: "FILE",
      description: "the covariates of the study, when they are not beside the database",
    },
    ...workerOptions,
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates replay quickstart.duckdb --design 28b1436272dc7f7f/500 --replicate 3",
      does: "the trace of that fit, and whether every bit is the same",
    },
  ],
  async run(terminal, given) {
    const shown = given.positionals[0] ?? "";
    const replicate = given.number("replicate") ?? 0;
    const plugins = await loadPlugins(given.list("plugin"), terminal.cwd);
    const results = await withStored(shown, async ({ connection }) => {
      const points = await pointsNamed(connection, given.text("design") ?? "", shown);
      const sources = await readSources(connection, new Set(points.map(({ design }) => design)), {
        shown,
        plugins,
        cwd: terminal.cwd,
        covariates: given.text("covariates"),
      });
      const options = { threads: 1, ...workerChoices(given), signal: terminal.signal };
      const replayed: Replayed[] = [];
      for (const { design, designPoint } of points) {
        const source = sources.get(design);
        if (source === undefined) continue;
        const [stored = null] = await readStoredRows(connection, designPoint, [replicate]);
        await recompute(source, [{ designPoint, replicate }], options, (recomputed) => {
          const differences = stored ? compareRows(stored, recomputed.row) : [];
          replayed.push({ ...recomputed, stored, differences });
        });
      }
      return replayed;
    });
    const text = given.has("json")
      ? JSON.stringify(results.map(replayObject), null, 2)
      : results.map((one) => replayText(one)).join("\n\n");
    await writeLine(terminal.stdout, text);
    return results.some(({ differences }) => differences.length > 0) ? 1 : 0;
  },
};

interface NamedPoint {
  readonly design: string;
  readonly designPoint: string;
}

async function pointsNamed(connection: DuckDBConnection, id: string, shown: string): Promise<NamedPoint[]> {
  const all = await select<NamedPoint & { fit: string; k: number }>(
    connection,
    `SELECT design, design_point AS "designPoint", fit, designs.k FROM design_points JOIN designs USING (design) ORDER BY fit, k, n`,
  );
  const exact = all.filter(({ design, designPoint }) => design === id || designPoint === id);
  const begun = exact.length > 0 ? exact : all.filter(({ designPoint }) => begins(designPoint, id));
  if (new Set(begun.map(({ design }) => design)).size === 1) return begun;
  const known = [...new Set(all.map(({ design, fit, k }) => `${design} (${fit}, k = ${k})`))].join(", ");
  throw new InputError(
    `--design ${id}: ${begun.length === 0 ? "no such design" : "more than one design begins so"} in ${shown}; known: ${known}`,
  );
}

/** Whether `id` is the beginning of a design, or of a design with a whole sample size. */
function begins(designPoint: string, id: string): boolean {
  const [start = "", size] = id.split("/");
  const [design = "", n] = designPoint.split("/");
  return start !== "" && design.startsWith(start) && (size === undefined || size === n);
}

function replayObject({ row, trace, stored, differences }: Replayed): Record<string, unknown> {
  return {
    designPoint: row.designPoint,
    replicate: row.replicate,
    stored: stored !== null,
    equal: stored === null ? null : differences.length === 0,
    differences,
    row,
    trace: trace && { certificate: trace.certificate, starts: trace.starts },
  };
}

function replayText({ row, trace, stored, differences }: Replayed): string {
  const verdict =
    stored === null
      ? "stored: nothing yet"
      : differences.length === 0
        ? "stored: the same, bit for bit"
        : ["stored: DIFFERENT", ...differences.map((one) => `  ${formatRowDifference(one)}`)].join("\n");
  return [
    `design point ${row.designPoint}, replicate ${row.replicate}`,
    traceText({ row, trace }),
    "",
    verdict,
  ].join("\n");
}
