#!/usr/bin/env node
/** Markdown tables of a study's database for docs/results.md: fits and certificates per design, slopes of the main components with
 *  intervals, and local slopes. Needs a built command line: node tools/results/study-tables.mjs FILE.duckdb */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../apps/orchestrator/bin/moe-rates.mjs", import.meta.url));
const file = process.argv[2];
if (!file) {
  process.stderr.write("usage: node tools/results/study-tables.mjs FILE.duckdb\n");
  process.exit(2);
}

const components = [
  ["regression-l2", "total"],
  ["voronoi-d1", "total"],
  ["voronoi-d1", "exact-gate-error"],
  ["voronoi-d1", "exact-expert-error"],
  ["voronoi-d1", "over-gate-rms"],
  ["voronoi-d1", "over-expert-rms"],
  ["voronoi-d1", "over-expert-mean"],
];

/** @param {string} sql @returns {Record<string, any>[]} */
function query(sql) {
  const text = execFileSync(process.execPath, [cli, "query", file, sql, "--json"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return JSON.parse(text);
}

/** @param {string[]} head @param {(string | number)[][]} rows */
function table(head, rows) {
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(" | ")} |`;
  process.stdout.write(`${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n\n`);
}

const signed = (/** @type {number | null} */ value, digits = 3) =>
  value === null ? "" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
const chosen = components.map(([loss, component]) => `('${loss}', '${component}')`).join(", ");

table(
  [
    "fit",
    "k",
    "replicates",
    "certified",
    "local",
    "audited",
    "beaten",
    "CPU s",
    "median CPU s per fit at the largest n",
  ],
  query(`
    WITH points AS (SELECT p.*, d.fit AS name FROM design_points p JOIN designs d USING (design))
    SELECT name, k, count(*) AS m, avg(certified::INT) AS certified, avg(local::INT) AS local,
      count(*) FILTER (audited) AS audited, count(*) FILTER (beaten) AS beaten, sum(cpu_ms) / 1000 AS cpu,
      median(cpu_ms) FILTER (n = (SELECT max(n) FROM points)) / 1000 AS largest
    FROM replicates JOIN points USING (design_point) GROUP BY ALL ORDER BY name, k`).map((row) => [
    row.name,
    row.k,
    row.m,
    `${(100 * row.certified).toFixed(1)} %`,
    row.local === 1 ? "yes" : "no",
    row.audited,
    row.beaten,
    row.cpu.toFixed(0),
    row.largest.toFixed(2),
  ]),
);

table(
  ["fit", "k", "loss", "component", "statistic", "slope ± standard error", "95 % interval", "R²", "sizes"],
  query(`
    SELECT d.fit AS name, r.k, loss, component, statistic, slope, standard_error, ci_low, ci_high, r2, points
    FROM rates r JOIN designs d USING (design)
    WHERE fits = 'all' AND (loss, component) IN (${chosen}) AND slope IS NOT NULL
    ORDER BY name, r.k, list_position([${components.map(([, component]) => `'${component}'`).join(", ")}], component), loss, statistic`).map(
    (row) => [
      row.name,
      row.k,
      row.loss,
      row.component,
      row.statistic,
      `${signed(row.slope)} ± ${row.standard_error?.toFixed(3) ?? ""}`,
      `[${signed(row.ci_low)}, ${signed(row.ci_high)}]`,
      row.r2?.toFixed(3) ?? "",
      row.points,
    ],
  ),
);

const steps = query(`
  SELECT d.fit AS name, l.k, loss, component, from_n, to_n, slope, standard_error
  FROM local_slopes l JOIN designs d USING (design)
  WHERE fits = 'all' AND statistic = 'median' AND (loss, component) IN (${chosen}) AND slope IS NOT NULL
  ORDER BY ALL`);
const intervals = [...new Set(steps.map((row) => `${row.from_n}–${row.to_n}`))].sort(
  (a, b) => Number.parseInt(a) - Number.parseInt(b),
);
/** @type {Map<string, Record<string, any>[]>} */
const series = new Map();
for (const row of steps) {
  const key = [row.name, row.k, row.loss, row.component].join("|");
  series.set(key, [...(series.get(key) ?? []), row]);
}
table(
  ["local slopes of the median: fit", "k", "component", ...intervals],
  [...series.entries()].map(([key, rows]) => {
    const [name, k, loss, component] = key.split("|");
    const cell = (/** @type {string} */ interval) => {
      const row = rows.find((/** @type {any} */ one) => `${one.from_n}–${one.to_n}` === interval);
      return row ? `${signed(row.slope, 2)} ± ${row.standard_error?.toFixed(2) ?? ""}` : "";
    };
    return [name, k, component === "total" ? loss : component, ...intervals.map(cell)];
  }),
);
