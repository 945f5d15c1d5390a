import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { command, fakeRun, temporaryFolder, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const file = join(folder, "a.duckdb");
const secret = join(folder, "secret.csv");
let bytes: Buffer;

beforeAll(async () => {
  await fakeRun(writeStudy(folder), file, 2, { throws: [1] });
  writeFileSync(secret, "a,b\n1,2\n");
  bytes = readFileSync(file);
});

describe("reads are answered", () => {
  const allowed = [
    "SELECT count(*) FROM replicates",
    "WITH a AS (SELECT 1 AS x) SELECT * FROM a",
    "FROM losses LIMIT 3",
    "TABLE designs",
    "VALUES (1), (2)",
    "DESCRIBE replicates",
    "SHOW TABLES",
    "SUMMARIZE losses",
    "EXPLAIN SELECT * FROM rates",
    "SELECT * FROM rates; -- one statement and a remark",
    "PIVOT losses ON loss IN ('voronoi-d1') USING avg(value) GROUP BY design_point",
    "SELECT 'COPY x TO y; query(1)' AS text",
    "SELECT query FROM (SELECT 1 AS query)",
    ...["rates", "local_slopes", "cells", "convergence", "cost"].map((view) => `SELECT * FROM ${view}`),
  ].filter((sql) => !sql.includes("query(1)"));
  test.each(allowed)("%s", async (sql) => {
    const { code, err, out } = await command(folder, "query", file, sql, "--json");
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(Array.isArray(JSON.parse(out))).toBe(true);
  });

  test("--json keeps whole numbers whole, decimals numbers, NULL null, and NaN as text", async () => {
    const sql =
      "SELECT 1::BIGINT AS a, 2::HUGEINT AS b, 1.5::DECIMAL(4,2) AS c, NULL AS d, 'nan'::DOUBLE AS e, [1, 2] AS f, 9007199254740993::BIGINT AS g";
    const { out } = await command(folder, "query", file, sql, "--json");
    expect(JSON.parse(out)).toEqual([
      { a: 1, b: 2, c: 1.5, d: null, e: "NaN", f: [1, 2], g: "9007199254740993" },
    ]);
  });

  test("a long result streams in full", async () => {
    const { out } = await command(folder, "query", file, "SELECT range AS i FROM range(5000)", "--json");
    expect((JSON.parse(out) as unknown[]).length).toBe(5000);
    const table = await command(folder, "query", file, "SELECT range AS i FROM range(5000)");
    expect(table.out.trimEnd().split("\n").length).toBe(5002);
  });

  test("control characters of stored text do not reach the terminal", async () => {
    const { out } = await command(folder, "query", file, "SELECT chr(27) || '[31mred' AS text");
    expect(out).not.toContain("\u001b");
    expect(out).toContain("\\u001b[31mred");
  });
});

describe("everything else ends with exit code 2 and changes nothing", () => {
  const refused: [string, RegExp][] = [
    ["", /SQL is empty/],
    ["-- nothing", /no statement/],
    ["SELEC 1", /syntax error/],
    ["SELECT nothing FROM replicates", /"nothing" not found/],
    ["SELECT 1; SELECT 2", /one statement at a time, got 2/],
    ["SELECT 1; DROP TABLE losses", /one statement at a time/],
    ["SELECT $1", /has parameters/],
    ["INSERT INTO failures VALUES ('a', 1, 'b', 'c', 'd')", /INSERT is refused/],
    ["UPDATE replicates SET certified = true", /UPDATE is refused/],
    ["DELETE FROM losses", /DELETE is refused/],
    ["WITH a AS (SELECT 1) DELETE FROM losses", /DELETE is refused/],
    ["DROP TABLE losses", /DROP is refused/],
    ["CREATE TABLE x AS SELECT 1", /CREATE is refused/],
    ["CREATE TEMP TABLE x AS SELECT 1", /CREATE is refused/],
    ["ALTER TABLE losses RENAME TO x", /ALTER is refused/],
    ["MERGE INTO losses USING losses AS s ON false WHEN MATCHED THEN DELETE", /MERGE INTO is refused|Error/],
    ["EXPLAIN ANALYZE DELETE FROM losses", /read-only mode/],
    ["BEGIN", /TRANSACTION is refused/],
    ["COMMIT", /TRANSACTION is refused/],
    ["SET threads = 1", /SET is refused|configuration/],
    ["RESET threads", /SET is refused|configuration/],
    ["SET enable_external_access = true", /SET is refused|configuration/],
    ["PRAGMA enable_profiling", /refused|PRAGMA/],
    ["CALL pragma_version()", /CALL is refused/],
    ["LOAD json", /LOAD is refused|disabled/],
    ["INSTALL httpfs", /disabled by configuration|refused/],
    ["CHECKPOINT", /CALL is refused|not available/],
    ["VACUUM", /VACUUM is refused/],
    ["PREPARE p AS SELECT 1", /PREPARE is refused/],
    ["EXECUTE p", /EXECUTE is refused|does not exist/],
    ["USE memory", /SET is refused|Error/],
    [`COPY losses TO '${join(folder, "x.csv")}'`, /disabled by configuration; .*export writes files/],
    [`COPY (SELECT 1) TO '${join(folder, "x.parquet")}' (FORMAT parquet)`, /disabled by configuration/],
    [`COPY losses FROM '${secret}'`, /disabled by configuration|refused/],
    [`EXPLAIN ANALYZE COPY losses TO '${join(folder, "x.csv")}'`, /disabled by configuration/],
    [`EXPORT DATABASE '${join(folder, "x")}'`, /disabled by configuration|refused/],
    [`IMPORT DATABASE '${folder}'`, /disabled by configuration|refused|Error/],
    [`ATTACH '${join(folder, "x.duckdb")}'`, /disabled by configuration|refused/],
    ["ATTACH ':memory:' AS other", /ATTACH is refused|disabled/],
    ["DETACH a", /DETACH is refused|Error/],
    [`SELECT * FROM read_csv('${secret}')`, /disabled by configuration/],
    [`SELECT * FROM '${secret}'`, /does not exist|disabled by configuration/],
    [`SELECT * FROM read_text('${secret}')`, /disabled by configuration/],
    [`SELECT * FROM read_blob('${secret}')`, /disabled by configuration/],
    [`SELECT * FROM read_parquet('${secret}')`, /disabled by configuration/],
    [`SELECT * FROM parquet_metadata('${secret}')`, /disabled by configuration/],
    [`SELECT * FROM read_duckdb('${file}')`, /not available here/],
    [`SELECT * FROM sniff_csv('${secret}')`, /disabled by configuration/],
    ["SELECT * FROM glob('/*')", /disabled by configuration/],
    ["SELECT * FROM force_checkpoint()", /force_checkpoint is not available here/],
    ['SELECT * FROM "force_checkpoint" /* so */ ()', /force_checkpoint is not available here/],
    ["SELECT * FROM query('SELECT * FROM force_' || 'checkpoint()')", /query is not available here/],
    ["SELECT * FROM QUERY_TABLE('losses')", /query_table is not available here/],
    [
      "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/x')",
      /enable_logging is not available here/,
    ],
    ["SELECT * FROM enable_profiling(save_location = '/tmp/x')", /enable_profiling is not available here/],
    ["SELECT * FROM arrow_scan(1::POINTER, 2::POINTER, 3::POINTER)", /arrow_scan is not available here/],
    ["SELECT write_log('x')", /write_log is not available here/],
    ["SELECT getenv('HOME')", /getenv does not exist/],
  ];
  test.each(refused)("%s", async (sql, message) => {
    const files = readdirSync(folder);
    const { code, out, err } = await command(folder, "query", file, sql);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(readdirSync(folder)).toEqual(files);
  });

  test("--unsafe, and nothing else, opens other files; the database stays read-only", async () => {
    const copy = join(folder, "copy.csv");
    const unsafe = (sql: string) => command(folder, "query", file, sql, "--unsafe", "--json");
    const joined = await unsafe(`SELECT b, count(*) AS n FROM read_csv('${secret}'), replicates GROUP BY b`);
    expect(JSON.parse(joined.out)).toMatchObject([{ b: 2 }]);
    expect((await unsafe(`COPY (SELECT 1 AS a) TO '${copy}'`)).code).toBe(0);
    expect(readFileSync(copy, "utf8")).toBe("a\n1\n");
    rmSync(copy);
    for (const sql of ["DELETE FROM losses", "DROP TABLE losses", "CREATE TABLE study.x AS SELECT 1"]) {
      const { code, err } = await unsafe(sql);
      expect(code).toBe(2);
      expect(err).toMatch(/^error: query --unsafe: .*read-only/);
    }
    expect((await command(folder, "query", join(folder, "none.duckdb"), "SELECT 1", "--unsafe")).code).toBe(
      2,
    );
  });

  test("after all of that the file is the same, byte for byte", () => {
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(existsSync(`${file}.wal`)).toBe(false);
  });
});
