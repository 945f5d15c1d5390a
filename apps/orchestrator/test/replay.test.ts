import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, test } from "vitest";
import { storeFormat } from "../src/store/schema.ts";
import { fakeRun, startCommand, temporaryFolder, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const file = join(folder, "a.duckdb");
let designs: string[];

/** Runs the built command, whose workers are real. */
const command = (cwd: string, ...args: string[]) => startCommand(args, {}, cwd).ended;

async function change(database: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

beforeAll(async () => {
  const study = writeStudy(folder, { sizes: [60, 90], replicates: 4 });
  const { code, err } = await command(folder, "run", study, "--out", file, "--threads", "2");
  expect(err).not.toContain("error:");
  expect(code).toBe(0);
  const { out } = await command(folder, "query", file, "SELECT design FROM designs ORDER BY k", "--json");
  designs = (JSON.parse(out) as { design: string }[]).map(({ design }) => design);
});

describe("replay", () => {
  test("computes a replicate at every size bit for bit and leaves the file alone", async () => {
    const bytes = readFileSync(file);
    const { code, out } = await command(folder, "replay", file, "--design", designs[1], "--replicate", "2");
    expect(code).toBe(0);
    expect(out.match(/stored: the same, bit for bit/g)).toHaveLength(2);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("--json holds the row and the trace: every start with its policy and basin", async () => {
    const { out } = await command(
      folder,
      "replay",
      file,
      "--design",
      `${designs[1]}/90`,
      "--replicate",
      "0",
      "--json",
    );
    const [replayed] = JSON.parse(out) as {
      equal: boolean;
      row: { theta: number[]; starts: number };
      trace: { starts: { policy: string; basin: number }[] };
    }[];
    expect(replayed.equal).toBe(true);
    expect(replayed.row.theta).toHaveLength(15);
    expect(replayed.trace.starts).toHaveLength(replayed.row.starts);
    expect(new Set(replayed.trace.starts.map(({ policy }) => policy))).toEqual(
      new Set(["near-truth", "random"]),
    );
  });

  test("takes the beginning of a design, and refuses what it cannot know by the names it knows", async () => {
    const { code } = await command(
      folder,
      "replay",
      file,
      "--design",
      `${designs[0].slice(0, 10)}/60`,
      "--replicate",
      "1",
    );
    expect(code).toBe(0);
    const unknown = await command(folder, "replay", file, "--design", "zz", "--replicate", "1");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain(`no such design in ${file}; known: ${designs[0]} (fit, k = 2)`);
  });

  test("computes a replicate that is not stored yet and says so", async () => {
    const { code, out } = await command(
      folder,
      "replay",
      file,
      "--design",
      `${designs[0]}/60`,
      "--replicate",
      "99",
    );
    expect(code).toBe(0);
    expect(out).toContain("stored: nothing yet");
  });

  test("names the column, the stored and the recomputed value of a tampered row", async () => {
    const tampered = join(folder, "tampered.duckdb");
    copyFileSync(file, tampered);
    await change(
      tampered,
      "UPDATE losses SET value = 7 WHERE loss = 'voronoi-d1' AND component = 'total' AND replicate = 1",
    );
    const { code, out } = await command(
      folder,
      "replay",
      tampered,
      "--design",
      `${designs[0]}/60`,
      "--replicate",
      "1",
    );
    expect(code).toBe(1);
    expect(out).toMatch(/stored: DIFFERENT\n {2}voronoi-d1 total: stored 7, now 0\.\d+/);
  });
});

describe("verify", () => {
  test("finds every replicate equal, whatever the number of threads and the isolation", async () => {
    for (const options of [
      ["--threads", "1"],
      ["--isolation", "process"],
    ]) {
      const { code, out } = await command(folder, "verify", file, "--sample", "100%", "--json", ...options);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ replicates: 16, checked: 16, equal: 16, different: [] });
    }
  });

  test("draws the share it is told, the same for a seed", async () => {
    const { out } = await command(folder, "verify", file, "--sample", "10%", "--seed", "3", "--json");
    expect(JSON.parse(out)).toMatchObject({ checked: 2, equal: 2 });
    for (const share of ["0%", "101%", "10", "-1%", "x%"]) {
      const { code, err } = await command(folder, "verify", file, `--sample=${share}`);
      expect(code).toBe(2);
      expect(err).toContain("--sample must be a percentage above 0% and at most 100%");
    }
  });

  test("lists a row that was changed by one bit, with exit code 1", async () => {
    const tampered = join(folder, "one-bit.duckdb");
    copyFileSync(file, tampered);
    await change(
      tampered,
      "UPDATE replicates SET sse = sse * (1 + 2.3e-16) WHERE replicate = 3 AND design_point LIKE '%/90'",
    );
    const { code, out } = await command(folder, "verify", tampered, "--sample", "100%");
    expect(code).toBe(1);
    expect(out).toContain("14 of 16 recomputed replicates are the same");
    expect(out.match(/sse: stored [\d.]+, now [\d.]+/g)).toHaveLength(2);
  });

  test("finds the rows of a worker that invents its numbers", async () => {
    const fake = join(folder, "fake.duckdb");
    await fakeRun(writeStudy(folder, { sizes: [60], replicates: 2, atoms: [2] }), fake, 1, {});
    const { code, out } = await command(folder, "verify", fake, "--sample", "100%");
    expect(code).toBe(1);
    expect(out).toContain("0 of 2 recomputed replicates are the same");
  });
});

describe("a file of other numbers or another format", () => {
  test("of an older format opens for reading untouched, and is brought to this one by the next run", async () => {
    const old = join(folder, "format-1.duckdb");
    copyFileSync(file, old);
    await change(
      old,
      "ALTER TABLE runs DROP COLUMN packages",
      "ALTER TABLE runs DROP COLUMN lockfile_hash",
      "UPDATE studies SET format = 1",
      "CREATE OR REPLACE VIEW rates AS SELECT 1 AS old",
    );
    const bytes = readFileSync(old);
    expect((await command(folder, "status", old)).code).toBe(0);
    const { code, out } = await command(folder, "rates", old, "--json");
    expect(code).toBe(0);
    expect((JSON.parse(out) as unknown[]).length).toBeGreaterThan(4);
    const verified = await command(folder, "verify", old, "--sample", "10%");
    expect(verified.code).toBe(0);
    expect(readFileSync(old).equals(bytes)).toBe(true);

    const study = writeStudy(folder, { sizes: [60, 90], replicates: 5 });
    expect((await command(folder, "run", study, "--out", old)).code).toBe(0);
    const runs = await command(
      folder,
      "query",
      old,
      "SELECT run, format, packages IS NOT NULL AS packages FROM runs, studies WHERE studies.revision = 1 ORDER BY run",
      "--json",
    );
    expect(JSON.parse(runs.out)).toEqual([
      { run: 1, format: storeFormat, packages: false },
      { run: 2, format: storeFormat, packages: true },
    ]);
  });

  test("of a newer format is refused with the version that wrote it", async () => {
    const newer = join(folder, "format-9.duckdb");
    copyFileSync(file, newer);
    await change(newer, "UPDATE studies SET format = 9", "UPDATE runs SET version = '3.1.4'");
    const bytes = readFileSync(newer);
    const { code, err } = await command(folder, "status", newer);
    expect(code).toBe(2);
    expect(err).toContain(
      `has store format 9, this moe-rates reads formats 1 to ${storeFormat}; moe-rates 3.1.4 wrote it and opens it`,
    );
    expect(readFileSync(newer).equals(bytes)).toBe(true);
  });

  test("whose numbers this version does not compute is refused with the difference and the version that does", async () => {
    const other = join(folder, "numerics.duckdb");
    copyFileSync(file, other);
    await change(
      other,
      "UPDATE designs SET identity = replace(identity, '\"numericsVersion\":', '\"numericsVersion\":9')",
      "UPDATE designs SET design = 'f' || design[2:]",
      "UPDATE design_points SET design = 'f' || design[2:], design_point = 'f' || design_point[2:]",
      "UPDATE replicates SET design_point = 'f' || design_point[2:]",
    );
    const { code, err } = await command(folder, "verify", other, "--sample", "100%");
    expect(code).toBe(2);
    expect(err).toMatch(/computes other numbers than these; moe-rates \d+\.\d+\.\d+ .*reproduces them/);
    expect(err).toMatch(/numericsVersion: stored 9\d+, now \d+/);
  });
});

describe("covariates of a stored study", () => {
  const study = (): string =>
    readFileSync(writeStudy(folder, { sizes: [60], replicates: 2, atoms: [2] }), "utf8").replace(
      /input: .*/,
      "input: {law: covariates, file: x.csv, columns: [x1, x2]}",
    );
  const rows = (shift: number): string =>
    Array.from({ length: 50 }, (_, i) => `${Math.sin(i) + shift},${Math.cos(3 * i)}`).join("\n");

  test("are found beside the database, named by --covariates, and compared by their numbers", async () => {
    const home = join(folder, "home");
    mkdirSync(home);
    writeFileSync(join(home, "s.yaml"), study());
    writeFileSync(join(home, "x.csv"), `x1,x2\n${rows(0)}\n`);
    expect((await command(home, "run", "s.yaml", "--out", "../c.duckdb")).code).toBe(0);
    const missing = await command(folder, "verify", "c.duckdb", "--sample", "100%");
    expect(missing.code).toBe(2);
    expect(missing.err).toContain("the covariates x.csv are not there; --covariates FILE names them");
    const named = ["verify", "c.duckdb", "--sample", "100%", "--covariates"];
    expect((await command(folder, ...named, "home/x.csv")).code).toBe(0);
    expect((await command(folder, ...named, "home/x.csv", "--isolation", "process")).code).toBe(0);
    writeFileSync(join(folder, "y.csv"), `x1,x2\n${rows(1)}\n`);
    const other = await command(folder, ...named, "y.csv");
    expect(other.code).toBe(2);
    expect(other.err).toContain("y.csv holds other numbers than the covariates of c.duckdb");
  });

  test("cannot lie outside the folder of the study", async () => {
    writeFileSync(join(folder, "outside.yaml"), study().replace("x.csv", "../x.csv"));
    writeFileSync(join(folder, "root.yaml"), study().replace("x.csv", "/etc/passwd.csv"));
    for (const name of ["outside.yaml", "root.yaml"]) {
      const { code, err } = await command(folder, "validate", name);
      expect(code).toBe(2);
      expect(err).toMatch(/truth.input.file: .* is outside the folder of the study; copy it there/);
    }
  });
});
