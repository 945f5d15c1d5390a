import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parseHTML } from "linkedom";
import { beforeAll, describe, expect, test } from "vitest";
import { atomPlanes } from "../src/report/atoms-figure.ts";
import { lawMarkup } from "../src/report/law-text.ts";
import { readReport } from "../src/report/read-report.ts";
import { provenanceSection } from "../src/report/provenance-section.ts";
import type { ReportData } from "../src/report/report-data.ts";
import { lowerRankSql } from "../src/report/report-sql.ts";
import { openResults } from "../src/open-results.ts";
import { processTerminal } from "../src/terminal.ts";
import { command, fakeRun, startFakeRun, temporaryFolder, until, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const database = join(folder, "tiny.duckdb");

beforeAll(async () => {
  const study = writeStudy(folder, { sizes: [200, 400, 800], replicates: 12 });
  await fakeRun(study, database, 2, { throws: [3] });
});

async function reportOf(file: string): Promise<ReturnType<typeof parseHTML>["document"]> {
  const out = join(folder, `page-${Math.floor(performance.now())}.html`);
  const { code, err } = await command(folder, "report", file, "--out", out);
  expect(err).toBe("");
  expect(code).toBe(0);
  return parseHTML(readFileSync(out, "utf8")).document;
}

test("a report names its file, counts its designs and replicates, and is replaced by the next one", async () => {
  const first = await command(folder, "report", database);
  expect(first.out).toMatch(/^tiny\.html: 2 designs, 72 replicates, \d+ kB\n$/);
  const { code, out } = await command(folder, "report", database, "--json");
  expect(code).toBe(0);
  const bytes = readFileSync(join(folder, "tiny.html")).length;
  expect(JSON.parse(out)).toEqual({ report: "tiny.html", bytes, replicates: 72, designs: 2 });
});

test("a file that is no report is replaced with --force only, and the database never", async () => {
  const notes = join(folder, "notes.html");
  writeFileSync(notes, "<!doctype html><p>my notes");
  const refused = await command(folder, "report", database, "--out", "notes.html");
  expect(refused).toMatchObject({
    code: 2,
    err: expect.stringContaining("notes.html exists already; --force"),
  });
  expect(readFileSync(notes, "utf8")).toBe("<!doctype html><p>my notes");
  expect((await command(folder, "report", database, "--out", "notes.html", "--force")).code).toBe(0);
  const before = readFileSync(database);
  const own = await command(folder, "report", database, "--out", database, "--force");
  expect(own).toMatchObject({ code: 2, err: expect.stringContaining("is the database itself") });
  expect(readFileSync(database).equals(before)).toBe(true);
});

test("a missing database is bad input, and nothing is written", async () => {
  const { code, err } = await command(folder, "report", "none.duckdb");
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining("none.duckdb: no such database file"),
  });
  expect(existsSync(join(folder, "none.html"))).toBe(false);
});

test("the page asks for nothing outside itself, and its policy allows its own scripts alone", async () => {
  const page = await reportOf(database);
  const addresses = [...page.querySelectorAll("[src], [href]")].map(
    (element) => element.getAttribute("src") ?? element.getAttribute("href") ?? "",
  );
  expect(addresses.filter((address) => !/^(#|data:)/.test(address))).toEqual([]);
  expect(page.documentElement.outerHTML.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
    /https?:\/\/|@import/,
  );
  const policy = page.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "";
  expect(policy).toMatch(
    /^default-src 'none'; .*script-src 'sha256-[^']+' 'sha256-[^']+' 'sha256-[^']+'; base-uri 'none'/,
  );
  expect(policy).not.toContain("connect-src");
  const scripts = [...page.querySelectorAll('script[type="module"]')].map(
    ({ textContent }) => textContent ?? "",
  );
  for (const script of scripts)
    expect(policy).toContain(`'sha256-${createHash("sha256").update(script).digest("base64")}'`);
});

test("every figure has downloads, a caption, a label and its numbers; the ids are unique", async () => {
  const page = await reportOf(database);
  const figures = [...page.querySelectorAll("figure")];
  const numbers = JSON.parse(page.getElementById("figures")!.textContent) as {
    figures: Record<string, { rows: unknown[] }>;
  };
  expect(figures.length).toBeGreaterThan(6);
  expect(Object.keys(numbers.figures)).toEqual(figures.map(({ id }) => id));
  for (const figure of figures) {
    expect(figure.querySelectorAll("button[data-save]")).toHaveLength(3);
    expect(figure.querySelector("svg")?.getAttribute("aria-label")).toMatch(/\w{3}/);
    expect(figure.querySelector("figcaption")?.textContent).toMatch(/\w{3}/);
    expect(numbers.figures[figure.id]?.rows).not.toEqual([]);
  }
  const ids = [...page.querySelectorAll("[id]")].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(page.getElementById("content")?.outerHTML).not.toMatch(/NaN|undefined|\[object/);
});

test("there is one mark per replicate on a figure, in the order of its texts", async () => {
  const page = await reportOf(database);
  const data = JSON.parse(page.getElementById("figures")!.textContent) as {
    figures: Record<string, { replicates?: [string, number, number][][] }>;
  };
  const drawn = [...page.querySelectorAll("figure")].map((figure) =>
    [...figure.querySelectorAll(".pictures > div")].map(
      (picture) => picture.querySelectorAll('[data-marks="replicates"] > *').length,
    ),
  );
  const told = Object.values(data.figures).map(({ replicates }) => replicates?.map((one) => one.length));
  told.forEach((counts, index) => counts && expect(drawn[index]).toEqual(counts));
  // 11 replicates at 3 sizes: replicate 3 of each failed and has no loss.
  expect(told[0]).toEqual([33]);
  expect(data.figures["d1-loss1-total"]?.replicates?.[0]?.[0]).toEqual([
    expect.stringMatching(/^total, n = 200: 0\.0\d+/),
    200,
    0,
  ]);
});

test("failed and uncertified replicates are counted by reason, with the command that repeats the first", async () => {
  const page = await reportOf(database);
  const text = [...page.querySelectorAll("tr")].map((row) => row.textContent);
  expect(text.filter((row) => row.includes("failed: RangeError"))).toHaveLength(6);
  const row = text.find((one) => one.includes("failed: RangeError"));
  expect(row).toMatch(/moe-rates replay tiny\.duckdb --design [0-9a-f]{16}\/200 --replicate 3\s*$/);
});

test("the first table holds the slopes and verdicts of rates --json, with their reasons and sources", async () => {
  const page = await reportOf(database);
  const { out } = await command(folder, "rates", database, "--json");
  const rates = JSON.parse(out) as {
    statistic: string;
    fits: string;
    component: string;
    slope: number;
    audited: { verdict: string; reason: string; source: string; statement: string } | null;
  }[];
  const first = rates.filter(({ statistic, fits }) => statistic === "median" && fits === "all");
  const [table] = page.querySelectorAll("table");
  const rows = [...(table?.querySelectorAll("tbody tr") ?? [])].map(
    (row) => row.textContent?.replace(/\s+/g, " ") ?? "",
  );
  expect(rows).toHaveLength(first.length);
  first.forEach(({ slope, audited }, index) => {
    expect(rows[index]).toContain(slope.toFixed(3).replace("-", "−"));
    if (audited === null) return expect(rows[index]).toMatch(/no statement/);
    const statement = parseHTML(`<p>${lawMarkup(audited.statement).markup}</p>`).document.querySelector(
      "p",
    )?.textContent;
    for (const text of [audited.verdict, statement, audited.reason, audited.source])
      expect(rows[index]).toContain(text);
  });
  expect(first.some(({ audited }) => audited !== null)).toBe(true);
});

test("above the table the verdicts are counted, and each design has a sentence with its slope, interval and verdict", async () => {
  const page = await reportOf(database);
  const words = (selector: string): string =>
    page.querySelector(selector)?.textContent?.replace(/\s+/g, " ") ?? "";
  const cells = [...page.querySelectorAll("table.cards tbody td:nth-of-type(6) summary span:first-child")];
  const count = (verdict: string): number => cells.filter((cell) => cell.textContent === verdict).length;
  const counts = ["consistent", "inconsistent", "inconclusive", "refused"]
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`);
  expect(cells.length).toBeGreaterThan(0);
  expect(words('[aria-labelledby="rates"]')).toContain(
    `Of ${cells.length} audited statements: ${counts.join(", ")}.`,
  );
  expect(words('[aria-labelledby="d1"] p')).toMatch(
    /With 2 fitted atoms for 2 true ones, the median regression-l2 changes like n−?0\.\d{3} \(95 % interval .* to .*\), ((in)?consistent with|which does not decide on|which cannot answer) n−1\/2; voronoi-d1 /,
  );
});

test("designs stand in the same order in every table: by fit, k, then n", async () => {
  const page = await reportOf(database);
  const rows = [...page.querySelectorAll('[aria-labelledby="certificates"] table')][0]?.querySelectorAll(
    "tbody tr",
  );
  const firsts = [...(rows ?? [])].map((row) =>
    [...row.querySelectorAll("td")].slice(0, 2).map(({ textContent }) => textContent),
  );
  expect(firsts.map(([fit]) => fit)).toEqual([2, 2, 2, 3, 3, 3].map((k) => `fit, k = ${k}`));
  expect(firsts.map(([, n]) => n)).toEqual(["200", "400", "800", "200", "400", "800"]);
});

test("the facts of a few runs stand below each other, those of many in rows", async () => {
  const page = await reportOf(database);
  const table = page.querySelector('[aria-labelledby="provenance"] table');
  expect([...(table?.querySelectorAll("th") ?? [])].map(({ textContent }) => textContent)).toEqual([
    "of the run",
    "run 1",
  ]);
  expect(table?.textContent).toMatch(/started\s*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  const runs = [1, 2, 3, 4].map((run) => ({ run, outcome: "complete" }));
  const { markup } = provenanceSection({ runs, study: null } as unknown as ReportData);
  const { document } = parseHTML(markup);
  expect([...document.querySelectorAll("th")].map(({ textContent }) => textContent)).toEqual([
    "run",
    "outcome",
  ]);
  expect(document.querySelectorAll("tbody tr")).toHaveLength(4);
});

test("fits of different names on the same data are compared pair by pair", async () => {
  const study = writeStudy(folder, { sizes: [200, 400, 800], replicates: 6, atoms: [3] });
  const twice = join(folder, "twice.yaml");
  const text = readFileSync(study, "utf8");
  const start = text.indexOf("fit:");
  const fits =
    "fit:\n  - {name: near, atoms: 3, starts: {near-truth: {radius: 0.4, count: 2}}}\n  - {name: mixed, atoms: 3}\n";
  writeFileSync(twice, text.slice(0, start) + fits + text.slice(text.indexOf("design:")));
  const file = join(folder, "twice.duckdb");
  await fakeRun(twice, file, 2, {});
  const page = await reportOf(file);
  const section = page.querySelector('[aria-labelledby="comparisons"]');
  expect(section?.querySelectorAll("tbody tr")).toHaveLength(2);
  // The stand-in gives both fits the same losses.
  expect(section?.textContent?.replace(/\s+/g, " ")).toMatch(
    /near, k = 3mixed, k = 3 ?regression-l2 ?0\.000 \[0\.000, 0\.000\] ?1 \[1, 1\] at 800/,
  );
  expect((await reportOf(database)).querySelector('[aria-labelledby="comparisons"]')).toBeNull();
});

test("the view of rates, the dearest query of a large file, is asked once for a report", async () => {
  const results = await openResults(database, processTerminal(new AbortController().signal));
  const asked: string[] = [];
  const { rates, judged } = await readReport(
    { status: () => results.status(), query: (sql) => (asked.push(sql), results.query(sql)) },
    database,
  );
  results.close();
  expect(asked.filter((sql) => /FROM rates\b/.test(sql))).toHaveLength(1);
  expect(rates.length).toBeGreaterThan(judged.length);
  expect(judged.length).toBeGreaterThan(0);
});

test("a report is written from a running study as well", async () => {
  const file = join(folder, "running.duckdb");
  const study = writeStudy(folder, { sizes: [200, 400, 800], replicates: 30 });
  const run = startFakeRun(study, file, 1, { holdsAfter: 1 });
  await until(async () => {
    const { code, out } = await command(folder, "status", file, "--json");
    return code === 0 && (JSON.parse(out) as { done: number }).done > 0;
  }, run);
  const page = await reportOf(file);
  expect(page.querySelector("header")?.textContent).toMatch(/Running: \d+ % of this run/);
  run.process.kill("SIGTERM");
  await run.ended;
});

test("names in a file cannot become markup", async () => {
  const hostile = join(folder, "hostile.duckdb");
  writeFileSync(hostile, readFileSync(database));
  const instance = await DuckDBInstance.create(hostile);
  const connection = await instance.connect();
  const attack = `</script><img src=x onerror="alert(1)">'"&`;
  for (const [table, column] of [
    ["studies", "name"],
    ["designs", "fit"],
    ["losses", "component"],
    ["atoms", "parameter"],
    ["runs", "cpu"],
    ["failures", "kind"],
  ])
    await connection.run(`UPDATE ${table} SET ${column} = $1`, [attack]);
  connection.closeSync();
  instance.closeSync();
  const page = await reportOf(hostile);
  expect(page.querySelectorAll("img, iframe, object, embed")).toHaveLength(0);
  expect(page.querySelectorAll("script")).toHaveLength(4);
  expect(
    [...page.querySelectorAll("*")].filter((one) =>
      [...one.attributes].some(({ name }) => name.startsWith("on")),
    ),
  ).toEqual([]);
  expect(page.querySelector("h1")?.textContent).toBe(attack);
});

test.for([
  [
    ["a[0]", "a[1]", "b", "beta0", "beta1[0]", "beta1[1]"],
    ["gate beta1[0] beta1[1]", "expert a[0] a[1]"],
  ],
  [
    ["a[0]", "b", "beta0", "beta1[0]"],
    ["gate beta1[0] beta0", "expert a[0] b"],
  ],
  [
    ["a[0]", "a[1]", "beta0", "omega[0]", "omega[1]", "temperature"],
    ["gate omega[0] omega[1]", "expert a[0] a[1]"],
  ],
  [
    ["a[0]", "b", "beta0", "beta1[0]", "beta1[1]", "group", "group.a[0]", "group.b"],
    ["gate beta1[0] beta1[1]", "expert a[0] b"],
  ],
  [["beta0"], []],
] as const)("atoms with %o are drawn in the planes %o", ([names, planes]) => {
  const values = Object.fromEntries(names.map((name) => [name, 1]));
  const atoms = [{ design: "x", n: 1, replicate: 0, atom: 0, cell: 0, values }];
  expect(atomPlanes(atoms).map(({ part, x, y }) => `${part} ${x} ${y}`)).toEqual(planes);
});

describe("the interval of a median", () => {
  test("lies between the order statistics whose ranks the binomial law gives", async () => {
    const results = await openResults(database, processTerminal(new AbortController().signal));
    const { points } = await readReport(results, database);
    results.close();
    const values = Array.from({ length: 12 }, (_, r) => (1 + 0.1 * Math.sin(r + 400)) / 20)
      .filter((_, r) => r !== 3)
      .sort((a, b) => a - b);
    const point = points.find(({ n, component }) => n === 400 && component === "total");
    expect(point).toMatchObject({
      replicates: 11,
      median: values[5],
      low: values[2 - 1],
      high: values[10 - 1],
    });
  });

  test("has ranks that cover the median with at least 95 % for every count from six to a thousand", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const rows = await connection.runAndReadAll(`SELECT m, ${lowerRankSql} FROM range(6, 1001) t(m)`);
    const coverage = rows.getRowsJS().map(([m, rank]) => 1 - 2 * halfBinomialBelow(Number(m), Number(rank)));
    expect(Math.min(...coverage)).toBeGreaterThan(0.95);
    connection.closeSync();
    instance.closeSync();
  });
});

/** P(B < rank) for B binomial with m trials of probability 1/2. */
function halfBinomialBelow(m: number, rank: number): number {
  let [term, sum] = [0.5 ** m, 0];
  for (let successes = 0; successes < rank; successes++) {
    sum += term;
    term *= (m - successes) / (successes + 1);
  }
  return sum;
}
