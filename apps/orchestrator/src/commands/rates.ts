import { formatRateTable } from "@moe-rates/rates";
import { jsonOption } from "../command-line/options.ts";
import type { ParsedArguments } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { openResults } from "../open-results.ts";
import { ratesSql, readRates } from "../store/read-rates.ts";
import type { NamedRate } from "../store/read-rates.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates rates FILE`. */
export const rates: Verb = {
  name: "rates",
  summary: "print the empirical rate of every loss component with its interval",
  details:
    "A slope is that of log loss on log n, with a standard error from leaving out whole replicates, and a 95 % t interval.\n" +
    "Without options the table shows medians over all fits; --all also shows means and certified fits only. --json always holds everything.\n" +
    "The column certified is the share of certified fits among all replicates of the design; fits found from starts near the truth alone are marked local.",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [jsonOption, { flag: "all", description: "show mean and median, all and certified fits" }],
  examples: [
    { command: "moe-rates rates quickstart.duckdb", does: "the table of slopes" },
    {
      command: "moe-rates rates quickstart.duckdb --json",
      does: "an array of {fit, design, k, loss, component, statistic, fits, slope, standardError, ci, r2, points, ..., local, certifiedShare}; design is the id",
    },
  ],
  async run(terminal, given) {
    const results = await openResults(given.positionals[0] ?? "", terminal);
    try {
      const rows = await readRates(await results.query(ratesSql));
      await writeLine(terminal.stdout, given.has("json") ? ratesJson(rows) : rateTableText(rows, given));
      return 0;
    } finally {
      results.close();
    }
  },
};

/** The rows of `rates --json`; predictions are null until the theory of a design is known to this version. */
function ratesJson(rows: readonly NamedRate[]): string {
  return `[${rows.map((row) => JSON.stringify({ ...row, published: null, audited: null })).join(",\n ")}]`;
}

/** The rows a person wants first, medians over all fits that have a slope, or all rows, and what to know about them. */
export function rateTableText(rows: readonly NamedRate[], given: ParsedArguments | null): string {
  if (rows.length === 0) return "no rates yet: they need losses at two sample sizes";
  const all = given?.has("all") === true;
  const first = all ? rows : rows.filter((row) => row.fits === "all" && row.statistic === "median");
  const shown = all ? rows : first.filter((row) => row.slope !== null);
  const hidden = first.length - shown.length;
  const notes = [
    ...designNotes(shown),
    ...(hidden === 0
      ? []
      : [
          `${hidden} components without a slope (zero, or at one size only) are left out; rates --all shows them`,
        ]),
  ];
  return [formatRateTable(shown), ...(notes.length === 0 ? [] : ["", ...notes])].join("\n");
}

/** A line per design whose slopes are not those of the certified least-squares estimator. */
function designNotes(rows: readonly NamedRate[]): string[] {
  const designs = new Map(rows.map((row) => [row.design, row]));
  return [...designs.values()].flatMap(({ fit, k, local, certifiedShare }) => {
    if (local)
      return [
        `fit ${fit}, k = ${k}: local fits, optima near the starts they were given, not the least-squares estimator`,
      ];
    if (certifiedShare === null || certifiedShare === 1) return [];
    return [
      `fit ${fit}, k = ${k}: some fits are not certified; rates --all also shows the slopes of the certified ones`,
    ];
  });
}
