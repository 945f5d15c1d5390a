import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { verbs } from "../src/command-line/verbs.ts";
import { command, temporaryFolder, writeStudy } from "./support.ts";

describe("help", () => {
  test("--help lists every verb and the exit codes", async () => {
    const { code, out, err } = await command(".", "--help");
    expect(code).toBe(0);
    expect(err).toBe("");
    for (const verb of verbs) expect(out).toContain(`  ${verb.name} `);
    expect(out).toContain("130 interrupted");
  });

  test.each(verbs.map((verb) => verb.name))("%s --help shows its options and an example", async (name) => {
    const { code, out } = await command(".", name, "--help");
    expect(code).toBe(0);
    expect(out).toContain(`Usage: moe-rates ${name}`);
    expect(out).toMatch(new RegExp(`Examples:\\n {2}moe-rates ${name}`));
  });

  test("--version prints the version alone", async () => {
    expect((await command(".", "--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("misuse ends with exit code 2 and the nearest word", () => {
  const cases: [string, string[], RegExp][] = [
    ["no verb", [], /a verb is missing/],
    ["an unknown verb", ["rnu"], /unknown verb "rnu".*did you mean run\?/],
    ["an option before the verb", ["--json", "rates"], /unknown option --json before the verb/],
    [
      "an unknown option",
      ["run", "s.yaml", "--thread", "2"],
      /unknown option --thread; known: .*did you mean --threads\?/,
    ],
    ["an option of another verb", ["query", "f", "SELECT 1", "--out", "x"], /unknown option --out/],
    ["a missing value", ["run", "s.yaml", "--out"], /--out needs a value FILE/],
    ["a value for a switch", ["rates", "f", "--json=yes"], /--json takes no value, got "yes"/],
    ["an option given twice", ["run", "s.yaml", "--out", "a", "--out", "b"], /--out is given twice/],
    [
      "zero threads",
      ["run", "s.yaml", "--threads", "0"],
      /--threads must be a whole number of at least 1 and at most 1024, got "0"/,
    ],
    [
      "threads that are no number",
      ["run", "s.yaml", "--threads", "two"],
      /--threads must be a whole number.*got "two"/,
    ],
    ["half a thread", ["run", "s.yaml", "--threads", "1.5"], /--threads must be a whole number/],
    [
      "an unknown engine",
      ["run", "s.yaml", "--engine", "fpu"],
      /unknown engine "fpu"; known: auto, tfjs, fused/,
    ],
    ["a missing argument", ["query", "f.duckdb"], /query: SQL is missing/],
    ["too many arguments", ["status", "a", "b"], /unexpected argument "b"/],
    ["a study that is not there", ["run", "nowhere.yaml"], /nowhere.yaml: no such study file/],
    ["a folder as a study", ["validate", "."], /\. cannot be read/],
    [
      "a plugin that is not there",
      ["schema", "--plugin", "nowhere.mjs"],
      /--plugin nowhere.mjs: cannot be read/,
    ],
    ["a database that is not there", ["rates", "nowhere.duckdb"], /nowhere.duckdb: no such database file/],
    ["an export to nowhere", ["export", "f.duckdb"], /--parquet DIR or --csv DIR/],
  ];
  test.each(cases)("%s", async (_, args, message) => {
    const folder = temporaryFolder();
    const { code, out, err } = await command(folder, ...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a study that is not right", () => {
  test("every problem is named with file, line and key, and nothing is written", async () => {
    const folder = temporaryFolder();
    const text = readFileSync(writeStudy(folder), "utf8")
      .replace("softmax", "sofmax")
      .replace("sd: 0.1", "sd: -1")
      .replace("atoms: [2, 3]", "atoms: [0]");
    writeFileSync(join(folder, "bad.yaml"), text);
    const before = readdirSync(folder);
    for (const verb of ["validate", "run"]) {
      const { code, out, err } = await command(folder, verb, "bad.yaml");
      expect(code).toBe(2);
      expect(out).toBe("");
      expect(err).toMatch(/bad.yaml, line 4, truth.gating: .*sofmax.*softmax/);
      expect(err).toMatch(/bad.yaml, line 7, truth.noise.sd: /);
      expect(err).toMatch(/bad.yaml, line 12, fit.atoms/);
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  test("validate --json lists the problems on stdout", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "bad.yaml"), "name: [\n");
    const { code, out } = await command(folder, "validate", "bad.yaml", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, problems: [{ file: "bad.yaml" }] });
  });

  test("an override with an unknown key is refused by name", async () => {
    const folder = temporaryFolder();
    const { code, err } = await command(
      folder,
      "validate",
      writeStudy(folder),
      "--set",
      "design.replicate=3",
    );
    expect(code).toBe(2);
    expect(err).toMatch(/--set design.replicate.*replicates/);
  });

  test("a covariates file with a bad cell is named with study, file, line and column", async () => {
    const folder = temporaryFolder();
    const study = readFileSync(writeStudy(folder), "utf8").replace(
      /input: .*/,
      "input: {law: covariates, file: x.csv, columns: [x1, x2]}",
    );
    writeFileSync(join(folder, "c.yaml"), study);
    writeFileSync(join(folder, "x.csv"), "x1,x2\n1,2\n3,\n");
    const { code, err } = await command(folder, "validate", "c.yaml");
    expect(code).toBe(2);
    expect(err).toMatch(/c.yaml, truth.input: x.csv, line 3, column x2: the cell is missing/);
  });
});

describe("init, validate, schema and doctor", () => {
  test("init writes a study that validate accepts, and does not replace it without --force", async () => {
    const folder = temporaryFolder();
    expect((await command(folder, "init", "mine.yaml")).code).toBe(0);
    const { code, out } = await command(folder, "validate", "mine.yaml");
    expect(code).toBe(0);
    expect(out).toMatch(/2 designs at 5 sample sizes/);
    const again = await command(folder, "init", "mine.yaml");
    expect(again.code).toBe(2);
    expect(again.err).toMatch(/exists already; --force replaces it/);
    expect((await command(folder, "init", "mine.yaml", "--force")).code).toBe(0);
    expect(readdirSync(folder)).toEqual(["mine.yaml"]);
  });

  test("validate --json counts designs, fits and tasks", async () => {
    const folder = temporaryFolder();
    const { out } = await command(folder, "validate", writeStudy(folder), "--json");
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      replicates: 32,
      sampleSizes: [200, 400],
      designs: [{ k: 2 }, { k: 3, parameters: 15 }],
    });
  });

  test("schema prints JSON Schema that names the families", async () => {
    const { code, out } = await command(".", "schema");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty("$schema");
    expect(out).toContain("softmax");
  });

  test("doctor --json reports cores, engines and DuckDB", async () => {
    const { code, out } = await command(".", "doctor", "--json");
    const checks = JSON.parse(out) as { name: string; state: string }[];
    expect(code).toBe(0);
    expect(checks.map((check) => check.name)).toEqual(
      expect.arrayContaining(["node", "cores", "memory", "wasm SIMD", "engines", "duckdb", "disk"]),
    );
  });
});

test("a run refuses its own study, or a file that is no database, as target and leaves it as it is", async () => {
  const folder = temporaryFolder();
  const study = writeStudy(folder);
  const text = readFileSync(study, "utf8");
  expect((await command(folder, "run", study, "--out", study)).err).toMatch(/is an input of this study/);
  for (const [name, content] of [
    ["foreign.txt", "hello"],
    ["empty.duckdb", ""],
  ] as const) {
    writeFileSync(join(folder, name), content);
    const { code, err } = await command(folder, "run", study, "--out", join(folder, name));
    expect(code).toBe(2);
    expect(err).toMatch(/is not a DuckDB database file; it was left as it is/);
    expect(readFileSync(join(folder, name), "utf8")).toBe(content);
  }
  mkdirSync(join(folder, "sub"));
  expect((await command(folder, "run", study, "--out", join(folder, "sub"))).err).toMatch(/is not a file/);
  expect((await command(folder, "run", study, "--out", join(folder, "no", "x.duckdb"))).err).toMatch(
    /folder .* does not exist/,
  );
  expect(readFileSync(study, "utf8")).toBe(text);
  expect(existsSync(`${join(folder, "foreign.txt")}.wal`)).toBe(false);
});
