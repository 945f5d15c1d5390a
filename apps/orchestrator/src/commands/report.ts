import { existsSync, openSync, readSync, closeSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { writeNewFile } from "../atomic-file.ts";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { openResults } from "../open-results.ts";
import { plural } from "../progress/format.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates report FILE`. */
export const report: Verb = {
  name: "report",
  summary: "write one offline HTML page with rates, figures, certificates, cost and provenance",
  details:
    "The page needs no network and makes no request; figures can be saved as SVG, PNG and CSV. It also works while the study runs.\n" +
    "A report of an earlier time is replaced; any other existing file only with --force.",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [
    {
      flag: "out",
      value: "FILE",
      description: "page to write (default <database>.html in the working directory)",
    },
    { flag: "force", description: "replace a file that is no report" },
    jsonOption,
  ],
  examples: [
    { command: "moe-rates report quickstart.duckdb", does: "writes quickstart.html" },
    { command: "moe-rates report quickstart.duckdb --out paper/report.html", does: "another file" },
  ],
  async run(terminal, given) {
    const file = given.positionals[0] ?? "";
    const shown = given.text("out") ?? `${basename(file).replace(/\.duckdb$/, "")}.html`;
    const out = resolve(terminal.cwd, shown);
    const results = await openResults(file, terminal);
    try {
      if (existsSync(out) && realpathSync(out) === realpathSync(file))
        throw new InputError(`--out ${shown} is the database itself; the report goes to another file`);
      const { readReport } = await import("../report/read-report.ts");
      const { renderReport, reportMark } = await import("../report/render-report.ts");
      const data = await readReport(results, file);
      const page = renderReport(data);
      writeNewFile(out, page, given.has("force") || startsWith(out, reportMark));
      const written = {
        report: shown,
        bytes: Buffer.byteLength(page),
        replicates: data.status.done,
        designs: data.designs.length,
      };
      await writeLine(
        terminal.stdout,
        given.has("json")
          ? JSON.stringify(written, null, 2)
          : `${shown}: ${plural(written.designs, "design")}, ${plural(written.replicates, "replicate")}, ${Math.ceil(written.bytes / 1000)} kB`,
      );
      return 0;
    } finally {
      results.close();
    }
  },
};

/** True of a file that begins with a text; a missing one does not. */
function startsWith(file: string, text: string): boolean {
  if (!existsSync(file)) return false;
  const handle = openSync(file, "r");
  try {
    const start = Buffer.alloc(Buffer.byteLength(text));
    return readSync(handle, start) === start.length && start.toString() === text;
  } finally {
    closeSync(handle);
  }
}
