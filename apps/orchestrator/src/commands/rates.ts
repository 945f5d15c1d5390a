import { formatRateTable, quantileLevel } from "@moe-rates/rates";
import type { Statistic } from "@moe-rates/rates";
import { jsonOption } from "../command-line/options.ts";
import type { ParsedArguments } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { comparisonTable, neededTable, shapeTable, verdictReasons } from "../inference/inference-text.ts";
import { readJudgedRates } from "../inference/judged-rates.ts";
import type { JudgedRate, Query } from "../inference/judged-rates.ts";
import { readComparisons } from "../inference/read-comparisons.ts";
import { InputError } from "../input-error.ts";
import { openResults } from "../open-results.ts";
import { plotSql, readPlottedLines, writePlot } from "../report/terminal-plot.ts";
import type { NamedRate } from "../store/read-rates.ts";
import { isTerminal, writeLine } from "../terminal.ts";

/** `moe-rates rates FILE`. */
export const rates: Verb = {
  name: "rates",
  summary:
    "print the empirical rate of every loss component, its interval, and the verdict on what theory states",
  details:
    "A slope is that of log loss on log n. Means: standard error from leaving out whole replicates, t interval. Medians and other quantiles: 999 bootstrap samples of whole replicates, percentile interval.\n" +
    "Without options the table shows medians over all fits; --all also shows means and certified fits only. --json always holds everything.\n" +
    "The columns published and audited hold the slope against what the papers state and what can be proved or checked: consistent, inconsistent, inconclusive, or refused where the design cannot answer. --why gives the reason of each.\n" +
    "The column certified is the share of certified fits among all replicates of the design; fits found from starts near the truth alone are marked local.",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [
    jsonOption,
    { flag: "all", description: "show mean and median, all and certified fits" },
    {
      flag: "quantiles",
      value: "LIST",
      description: "further statistics: quantiles of the loss, for example 0.9,0.99",
    },
    { flag: "why", description: "give the reason of every verdict" },
    { flag: "shape", description: "show curvature, burn-in, choice of laws and detectable differences" },
    {
      flag: "epsilon",
      value: "E",
      kind: "number",
      min: 1e-300,
      description: "how many observations until each loss is E, with an interval",
    },
    { flag: "compare", description: "compare every two fits on the same data, pair by pair" },
    {
      flag: "level",
      value: "P",
      kind: "number",
      min: 0.5,
      max: 0.9999,
      description: "level of the intervals (default 0.95)",
    },
    {
      flag: "joint",
      description: "make the shown intervals hold jointly at the level (Bonferroni over the rows shown)",
    },
    { flag: "plot", description: "draw the medians below the table (on a terminal they always are)" },
  ],
  examples: [
    { command: "moe-rates rates quickstart.duckdb", does: "the table of slopes and verdicts" },
    {
      command: "moe-rates rates quickstart.duckdb --why --shape",
      does: "with reasons, curvature, burn-in and choice of laws",
    },
    {
      command: "moe-rates rates quickstart.duckdb --json",
      does: "an array of {fit, design, k, loss, component, statistic, fits, slope, standardError, ci, r2, points, ..., published, audited}; design is the id",
    },
    {
      command: "moe-rates rates quickstart.duckdb --epsilon 0.01",
      does: "observations until each loss is 0.01",
    },
    {
      command: "moe-rates rates quickstart.duckdb --quantiles 0.9 --joint",
      does: "90 % quantiles too, joint intervals",
    },
    {
      command: "moe-rates rates quickstart.duckdb --compare",
      does: "paired differences, and observations for the same error",
    },
  ],
  async run(terminal, given) {
    const quantiles = quantilesOf(given.text("quantiles"));
    const results = await openResults(given.positionals[0] ?? "", terminal);
    try {
      const query: Query = (sql) => results.query(sql);
      const print = (text: string): Promise<void> => writeLine(terminal.stdout, text);
      const level = given.number("level") ?? 0.95;
      if (given.has("compare")) {
        const comparisons = await readComparisons(query, { level });
        if (given.has("json")) await print(jsonLines(comparisons));
        else
          await print(
            comparisons.length === 0
              ? "no two fits on the same data in this file"
              : comparisonTable(comparisons),
          );
        return 0;
      }
      const rows = await readRows(query, given, level, quantiles);
      await print(given.has("json") ? jsonLines(rows) : await ratesText(query, rows, given));
      if (!given.has("json") && (given.has("plot") || isTerminal(terminal.stdout)))
        await writePlot(terminal, await readPlottedLines(await query(plotSql)));
      return 0;
    } finally {
      results.close();
    }
  },
};

function quantilesOf(text: string | undefined): Statistic[] {
  return (text?.split(",") ?? []).map((one) => {
    const statistic: Statistic = `q${Number(one)}`;
    try {
      quantileLevel(statistic);
    } catch {
      throw new InputError(
        `rates: --quantiles must be numbers between 0 and 1, such as 0.9,0.99; got "${one}"`,
      );
    }
    return statistic;
  });
}

/** The rows asked for. With `--joint` the level of each is 1 - (1 - level) / (number of rows with a slope). */
async function readRows(
  query: Query,
  given: ParsedArguments,
  level: number,
  quantiles: readonly Statistic[],
): Promise<JudgedRate[]> {
  const epsilon = given.number("epsilon");
  const everything = given.has("json") || given.has("all");
  const options = {
    quantiles,
    keep: (rate: NamedRate) => everything || isFirst(rate),
    ...(epsilon === undefined ? {} : { epsilon }),
  };
  const rows = await readJudgedRates(query, { ...options, level });
  if (!given.has("joint")) return rows;
  const claims = rows.filter((row) => row.slope !== null).length;
  return readJudgedRates(query, { ...options, level: 1 - (1 - level) / Math.max(1, claims) });
}

function jsonLines(rows: readonly object[]): string {
  return `[${rows.map((row) => JSON.stringify(row)).join(",\n ")}]`;
}

/** Medians and other quantiles over all fits: what a person wants first. */
function isFirst(rate: NamedRate): boolean {
  return rate.fits === "all" && rate.statistic !== "mean";
}

async function ratesText(query: Query, rows: readonly JudgedRate[], given: ParsedArguments): Promise<string> {
  const shown = rows.filter((row) => row.slope !== null);
  const comparisons = (await readComparisons(query)).filter((one) => one.fitA !== one.fitB);
  return [
    rateTableText(rows, given),
    ...(shown.length === 0 || !given.has("shape") ? [] : ["", shapeTable(shown)]),
    ...(shown.length === 0 || !given.has("epsilon") ? [] : ["", neededTable(shown)]),
    ...(comparisons.length === 0
      ? []
      : ["", "Fits compared on the same data:", comparisonTable(comparisons)]),
  ].join("\n");
}

/** The rows a person wants first, medians over all fits that have a slope, or all rows, and what to know about them. */
export function rateTableText(
  rows: readonly (NamedRate | JudgedRate)[],
  given: ParsedArguments | null,
): string {
  if (rows.length === 0) return "no rates yet: they need losses at two sample sizes";
  const all = given?.has("all") === true;
  const first = all ? rows : rows.filter(isFirst);
  const shown = all ? rows : first.filter((row) => row.slope !== null);
  const hidden = first.length - shown.length;
  const notes = [
    ...(given?.has("why") === true ? verdictReasons(judgedOnly(shown)) : reasonsNote(shown)),
    ...designNotes(shown),
    ...(hidden === 0
      ? []
      : [
          `${hidden} components without a slope (zero, or at one size only) are left out; rates --all shows them`,
        ]),
  ];
  return [formatRateTable(shown), ...(notes.length === 0 ? [] : ["", ...notes])].join("\n");
}

function judgedOnly(rows: readonly (NamedRate | JudgedRate)[]): JudgedRate[] {
  return rows.filter((row): row is JudgedRate => "audited" in row);
}

function reasonsNote(rows: readonly (NamedRate | JudgedRate)[]): string[] {
  const judged = judgedOnly(rows).some((row) => row.published !== null || row.audited !== null);
  return judged ? ["the reasons of the verdicts: rates --why"] : [];
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
