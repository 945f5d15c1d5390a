import { printJsonRows, printTable } from "../command-line/print-result.ts";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { openResults } from "../open-results.ts";
import { runUnsafeQuery } from "../store/unsafe-query.ts";

/** `moe-rates query FILE "SQL"`. */
export const query: Verb = {
  name: "query",
  summary: "run one SELECT on the results, also while a run writes them",
  details:
    "The SQL is one statement (SELECT, WITH, FROM, SHOW, DESCRIBE, SUMMARIZE, EXPLAIN) in DuckDB's dialect, in a read-only transaction without access to other files.\n" +
    "Tables: studies, runs, designs, design_points, replicates, atoms, losses, failures, t_quantiles. Views: rates, local_slopes, loss_points, cells, convergence, cost.\n" +
    "All views carry design and k; loss_points, cells, convergence and cost also n. DESCRIBE rates lists the columns of one.",
  positionals: [
    { name: "FILE", description: "database of a study" },
    { name: "SQL", description: "one SELECT" },
  ],
  options: [
    jsonOption,
    {
      flag: "unsafe",
      description:
        "let the SQL read and write other files, as you could; the database itself stays read-only, and no run may hold it",
    },
  ],
  examples: [
    {
      command: "moe-rates query quickstart.duckdb \"SELECT * FROM rates WHERE component = 'total'\"",
      does: "the rate of every loss",
    },
    {
      command:
        'moe-rates query quickstart.duckdb "SELECT status, count(*) FROM replicates GROUP BY 1" --json',
      does: "an array of row objects",
    },
  ],
  async run(terminal, given) {
    const [file = "", sql = ""] = given.positionals;
    if (given.has("unsafe")) {
      const result = await runUnsafeQuery(file, sql, terminal.signal);
      await (given.has("json") ? printJsonRows(terminal, result) : printTable(terminal, result));
      return 0;
    }
    const results = await openResults(file, terminal);
    try {
      const result = await results.query(sql);
      await (given.has("json") ? printJsonRows(terminal, result) : printTable(terminal, result));
      return 0;
    } finally {
      results.close();
    }
  },
};
