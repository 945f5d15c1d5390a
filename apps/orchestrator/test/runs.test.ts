import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { engines } from "../src/engines.ts";
import { InputError } from "../src/input-error.ts";
import { socketForRun } from "../src/live/socket-path.ts";
import {
  command,
  fakeRun,
  readResults,
  startCommand,
  startFakeRun,
  temporaryFolder,
  until,
  writeStudy,
} from "./support.ts";

async function count(file: string, relation: string): Promise<number> {
  const { out } = await command(".", "query", file, `SELECT count(*) AS n FROM ${relation}`, "--json");
  return (JSON.parse(out) as { n: number }[])[0].n;
}

/** Replicates that a run has committed so far, zero before it has made its file. */
async function stored(file: string): Promise<number> {
  return existsSync(file) ? count(file, "replicates").catch(() => 0) : 0;
}

describe("a run", () => {
  test("fills the file once, and a second run adds nothing", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "a.duckdb");
    const study = writeStudy(folder);
    expect(await fakeRun(study, out, 2, {})).toMatchObject({ added: 32, failed: 0 });
    const before = await readResults(out);
    expect(await fakeRun(study, out, 1, {})).toMatchObject({ added: 0 });
    expect(await readResults(out)).toEqual(before);
    expect(await count(out, "replicates")).toBe(32);
    expect(readdirSync(folder).filter((name) => name.startsWith("a.") || name.startsWith("."))).toEqual([
      "a.duckdb",
    ]);
  });

  test("does not depend on the number of threads", async () => {
    const folder = temporaryFolder();
    const study = writeStudy(folder);
    const files = [1, 2, 5].map((threads) => ({ threads, out: join(folder, `${threads}.duckdb`) }));
    for (const { threads, out } of files)
      expect(await fakeRun(study, out, threads, { throws: [3] })).toMatchObject({ failed: 4 });
    const [one, two, five] = await Promise.all(files.map(({ out }) => readResults(out)));
    expect(two).toEqual(one);
    expect(five).toEqual(one);
  });

  test("keeps failed replicates as rows, ends with exit code 3, and runs them again on --retry-failed", async () => {
    const folder = temporaryFolder();
    const [study, out] = [writeStudy(folder), join(folder, "a.duckdb")];
    expect((await startFakeRun(study, out, 2, { throws: [3] }).ended).code).toBe(3);
    expect(await count(out, "replicates WHERE status = 'failed' AND NOT certified")).toBe(4);
    expect(await count(out, "failures WHERE kind = 'RangeError'")).toBe(4);
    expect(await fakeRun(study, out, 2, {})).toMatchObject({ added: 0, failed: 4 });
    expect(await fakeRun(study, out, 2, {}, true)).toMatchObject({ added: 4, failed: 0 });
    expect(await count(out, "failures")).toBe(0);
  });

  test("survives a worker that dies: its other replicates finish, the fatal one becomes a failed row", async () => {
    const folder = temporaryFolder();
    const [study, out] = [writeStudy(folder, { sizes: [200], atoms: [2] }), join(folder, "a.duckdb")];
    expect(await fakeRun(study, out, 2, { dies: [5] })).toMatchObject({ added: 8, failed: 1 });
    expect(await count(out, "replicates WHERE status = 'converged'")).toBe(7);
    expect(await count(out, "failures WHERE kind = 'worker-lost' AND replicate = 5")).toBe(1);
  });

  test("whose last rows cannot be committed ends with 1 and the reason, and leaves nothing open", async () => {
    const folder = temporaryFolder();
    const [study, out] = [writeStudy(folder), join(folder, "a.duckdb")];
    const { code, err } = await startFakeRun(study, out, 2, { unstorable: [3] }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/NOT NULL constraint failed: replicates.status/);
    expect(await count(out, "replicates")).toBe(0);
    expect(await count(out, "runs WHERE outcome = 'failed'")).toBe(1);
    expect(await fakeRun(study, out, 2, {})).toMatchObject({ added: 32 });
  });

  test("records its provenance without user, host or path", async () => {
    const folder = temporaryFolder();
    const [study, out] = [writeStudy(folder), join(folder, "a.duckdb")];
    await fakeRun(study, out, 2, {});
    const { out: text } = await command(".", "query", out, "SELECT * FROM runs", "--json");
    expect(JSON.parse(text)).toMatchObject([
      { run: 1, outcome: "complete", node: process.version, threads: 2, engine: engines[0].name },
    ]);
    expect(text).not.toContain(folder);
    expect(readFileSync(out).includes(folder)).toBe(false);
  });
});

describe("a study that grew", () => {
  test.each([
    ["sample sizes", { sizes: [200, 400, 800] }, 16],
    ["replicates", { replicates: 12 }, 16],
    ["a fit", { atoms: [2, 3, 4] }, 16],
  ])("added %s continue the same file and change no stored row", async (_, change, added) => {
    const folder = temporaryFolder();
    const out = join(folder, "a.duckdb");
    await fakeRun(writeStudy(folder), out, 2, {});
    const grown = writeStudy(folder, change);
    expect(await fakeRun(grown, out, 2, {})).toMatchObject({ added });
    const fresh = join(folder, "fresh.duckdb");
    await fakeRun(grown, fresh, 2, {});
    expect(await readResults(out)).toEqual(await readResults(fresh));
  });

  test("added losses are computed from the stored fits", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "a.duckdb");
    await fakeRun(writeStudy(folder, { losses: ["voronoi-d1"] }), out, 2, {});
    const grown = writeStudy(folder);
    expect(await fakeRun(grown, out, 2, {})).toMatchObject({ added: 0 });
    const fresh = join(folder, "fresh.duckdb");
    await fakeRun(grown, fresh, 2, {});
    expect(await readResults(out)).toEqual(await readResults(fresh));
  });

  test("a changed seed is refused with the difference, and the file stays as it is", async () => {
    const folder = temporaryFolder();
    const out = join(folder, "a.duckdb");
    await fakeRun(writeStudy(folder), out, 2, {});
    const bytes = readFileSync(out);
    const refused = fakeRun(writeStudy(folder, { seed: 8 }), out, 2, {});
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(
      /seed: stored 7, now 8\n.*added sizes, replicates, fits and losses continue the file/,
    );
    expect(readFileSync(out).equals(bytes)).toBe(true);
  });
});

describe("interruption", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s flushes, ends with 130, and the resumed file equals the uninterrupted one",
    async (signal) => {
      const folder = temporaryFolder();
      const [study, out, fresh] = [writeStudy(folder), join(folder, "a.duckdb"), join(folder, "b.duckdb")];
      const run = startFakeRun(study, out, 2, { holdsAfter: 1 });
      await until(async () => (await stored(out)) > 0, run);
      run.process.kill(signal);
      const { code, err } = await run.ended;
      expect(code).toBe(130);
      expect(err).toMatch(/interrupted; [\d,]+ replicates? of this run are in/);
      const kept = await count(out, "replicates");
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(32);
      expect(await fakeRun(study, out, 1, {})).toMatchObject({ added: 32 - kept });
      await fakeRun(study, fresh, 2, {});
      expect(await readResults(out)).toEqual(await readResults(fresh));
    },
  );

  test("kill -9 at any moment loses no committed row and leaves no half replicate", async () => {
    const folder = temporaryFolder();
    const sizes = [200, 400, 800];
    const study = writeStudy(folder, { sizes });
    const [out, fresh] = [join(folder, "a.duckdb"), join(folder, "b.duckdb")];
    let last = 0;
    for (const holdsAfter of [0, 1, 1]) {
      const run = startFakeRun(study, out, 2, { holdsAfter, delayMs: 20 });
      await until(async () => (holdsAfter === 0 ? existsSync(out) : (await stored(out)) > last), run);
      run.process.kill("SIGKILL");
      expect((await run.ended).signal).toBe("SIGKILL");
      const kept = await count(out, "replicates");
      expect(kept).toBeGreaterThanOrEqual(last);
      expect(await count(out, "losses")).toBe(2 * kept);
      expect(await count(out, "atoms")).toBe(2 * kept);
      last = kept;
    }
    expect(await fakeRun(study, out, 2, {})).toMatchObject({ failed: 0 });
    await fakeRun(study, fresh, 2, {});
    expect(await readResults(out)).toEqual(await readResults(fresh));
  });
});

describe("while a run is live", () => {
  test("status, rates and query answer for the locked file, a second run is refused by process id", async () => {
    const folder = temporaryFolder();
    const [study, out] = [writeStudy(folder), join(folder, "a.duckdb")];
    const run = startFakeRun(study, out, 1, { holdsAfter: 1 }, { XDG_RUNTIME_DIR: "" });
    await until(async () => (await stored(out)) > 0, run);
    const status = JSON.parse((await command(".", "status", out, "--json")).out) as {
      running: { pid: number };
      planned: number;
    };
    expect(status.planned).toBe(32);
    expect(status.running.pid).toBe(run.process.pid);
    expect((await command(".", "status", out)).out).toContain(`running in process ${run.process.pid}`);
    expect((await command(".", "rates", out, "--json")).code).toBe(0);
    const rows = await startCommand(["query", out, "SELECT 1 AS one, 'é' AS text", "--json"]).ended;
    expect(JSON.parse(rows.out)).toEqual([{ one: 1, text: "é" }]);
    const write = await command(".", "query", out, "DELETE FROM replicates");
    expect(write.code).toBe(2);
    expect(write.err).toMatch(/DELETE is refused|read-only/);
    const copy = await command(".", "query", out, `COPY replicates TO '${join(folder, "x.csv")}'`);
    expect(copy.code).toBe(2);
    expect(existsSync(join(folder, "x.csv"))).toBe(false);
    const second = await startFakeRun(study, out, 1, {}).ended;
    expect(second.code).toBe(1);
    expect(second.err).toContain(`process ${run.process.pid}`);
    const socket = socketForRun(out, {})!;
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    run.process.kill("SIGKILL");
    await run.ended;
    expect(existsSync(socket)).toBe(true);
    const status2 = await command(".", "status", out);
    expect(status2.out).toMatch(/1 {2}\d{4}-.*killed/);
    const next = startFakeRun(study, out, 1, { holdsAfter: 0 }, { XDG_RUNTIME_DIR: "" });
    await until(
      async () => (await command(".", "status", out)).out.includes(`running in process ${next.process.pid}`),
      next,
    );
    next.process.kill("SIGTERM");
    expect((await next.ended).code).toBe(130);
    expect(existsSync(socket)).toBe(false);
    expect(JSON.parse((await command(".", "status", out, "--json")).out)).toMatchObject({ running: null });
  });

  test("the path of the socket stays short for a file in a deep folder, and other people's folders are not used", () => {
    const deep = join(temporaryFolder(), ...Array.from({ length: 20 }, () => "a-rather-long-folder-name"));
    mkdirSync(deep, { recursive: true });
    const file = join(deep, "a.duckdb");
    writeFileSync(file, "");
    expect(socketForRun(file, {})!.length).toBeLessThan(100);
    const open = mkdtempSync("/tmp/moe-rates-test-");
    mkdirSync(join(open, "moe-rates"), { mode: 0o755 });
    chmodSync(join(open, "moe-rates"), 0o755);
    expect(socketForRun(file, { XDG_RUNTIME_DIR: open })).not.toContain(open);
    chmodSync(join(open, "moe-rates"), 0o700);
    expect(socketForRun(file, { XDG_RUNTIME_DIR: open })).toContain(open);
    rmSync(open, { recursive: true });
  });
});

test("a database of another program is refused and left as it is", async () => {
  const folder = temporaryFolder();
  const [study, out] = [writeStudy(folder), join(folder, "a.duckdb")];
  await fakeRun(study, out, 1, {});
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const foreign = join(folder, "foreign.duckdb");
  const instance = await DuckDBInstance.create(foreign);
  const connection = await instance.connect();
  await connection.run("CREATE TABLE studies (name VARCHAR)");
  connection.closeSync();
  instance.closeSync();
  const bytes = readFileSync(foreign);
  for (const args of [
    ["run", study, "--out", foreign],
    ["status", foreign],
    ["export", foreign, "--csv", join(folder, "x")],
  ]) {
    const { code, err } = await command(folder, ...args);
    expect(code).toBe(2);
    expect(err).toMatch(
      /a database that moe-rates did not write \(no table runs, .*\); it was left as it is/,
    );
  }
  expect(readFileSync(foreign).equals(bytes)).toBe(true);
  const cut = join(folder, "cut.duckdb");
  copyFileSync(out, cut);
  writeFileSync(cut, readFileSync(cut).subarray(0, 5000));
  expect((await command(folder, "status", cut)).code).toBe(2);
});
