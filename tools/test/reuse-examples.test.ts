import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "apps", "orchestrator", "bin", "moe-rates.mjs");
const directory = mkdtempSync(join(tmpdir(), "moe-rates-examples-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

const example = (name: string) => join(root, "examples", name);

test("one replicate by hand is the replicate that a study stores", () => {
  const out = run(process.execPath, example("one-replicate.mjs"), "300", "1");
  expect(out).toMatch(/^n = 300, first point x = /);
  expect(out).toMatch(/^converged, certified: \d+ of \d+ starts reached the best of \d+ basins?/m);
  run(process.execPath, command, "init", "one.yaml");
  const sizes = [
    "--set",
    "design.sampleSizes=[300, 600]",
    "--set",
    "design.replicates=2",
    "--set",
    "fit.atoms=2",
  ];
  run(process.execPath, command, "run", "one.yaml", "--out", "one.duckdb", ...sizes);
  const sql =
    "SELECT value FROM losses JOIN design_points USING (design_point) WHERE n = 300 AND replicate = 1 AND loss = 'regression-l2'";
  const [row] = JSON.parse(run(process.execPath, command, "query", "one.duckdb", sql, "--json"));
  const shown = Number(/^regression-l2, total: (\S+)$/m.exec(out)?.[1]);
  expect(shown).toBe(Number(row.value.toPrecision(6)));
});

test("a loss of your own gets a rate", () => {
  const out = run(process.execPath, example("loss-of-your-own.mjs"), "3");
  expect(out).toMatch(/^starter +2 +largest-error +total +median +all +-\d\.\d+ ± /m);
});

describe("the results of a study open in", () => {
  beforeAll(() => {
    run(process.execPath, command, "init", "study.yaml");
    const small = ["--set", "design.sampleSizes=[200, 400, 800]", "--set", "design.replicates=3"];
    run(process.execPath, command, "run", "study.yaml", "--out", "study.duckdb", ...small);
    run(process.execPath, command, "export", "study.duckdb", "--csv", "study-csv");
  });

  /** Slope of the median regression loss by fit and k, computed by DuckDB. */
  function slopes(): string[] {
    const sql = `WITH points AS (SELECT k, n, median(value) AS value FROM losses JOIN design_points USING (design_point) WHERE loss = 'regression-l2' GROUP BY ALL)
      SELECT k, regr_slope(ln(value), ln(n)) AS slope FROM points GROUP BY k ORDER BY k`;
    const rows: { k: number; slope: number }[] = JSON.parse(
      run(process.execPath, command, "query", "study.duckdb", sql, "--json"),
    );
    return rows.map(({ k, slope }) => `fit, k = ${k}: slope ${slope.toFixed(3)} over 3 sample sizes`);
  }

  test("Python", ({ skip }) => {
    skip(spawnSync("python3", ["--version"]).error !== undefined, "no python3 on PATH");
    expect(run("python3", example("open-results.py"), "study-csv").trim().split("\n")).toEqual(slopes());
  });

  test("R", ({ skip }) => {
    skip(spawnSync("Rscript", ["--version"]).error !== undefined, "no Rscript on PATH");
    expect(run("Rscript", example("open-results.R"), "study-csv").trim().split("\n")).toEqual(slopes());
  });

  test("plain DuckDB", () => {
    const statements = readFileSync(example("open-results.sql"), "utf8")
      .replaceAll(/^--.*$/gm, "")
      .split(";")
      .filter((one) => one.trim() !== "");
    const results = statements.map((sql): { loss: string; slope: number }[] =>
      JSON.parse(run(process.execPath, command, "query", "study.duckdb", sql, "--json")),
    );
    expect(results).toHaveLength(2);
    const slopesOf = (rows: { loss: string; slope: number }[] = []) =>
      rows.filter(({ loss }) => loss === "regression-l2").map(({ slope }) => slope);
    expect(slopesOf(results[0])).toEqual(slopesOf(results[1]));
    expect(slopesOf(results[0])).toHaveLength(2);
  });
});
