import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { engineNamed } from "../src/engines.ts";
import { command, readResults, startCommand, temporaryFolder, until, writeStudy } from "./support.ts";

const folder = temporaryFolder();
const study = writeStudy(folder, { sizes: [100, 200], replicates: 3, atoms: [2, 3] });

test("one thread, two threads, and an interrupted and continued run leave the same rows, bit for bit", async () => {
  const [one, two, broken] = ["one", "two", "broken"].map((name) => join(folder, `${name}.duckdb`));
  const first = await startCommand(["run", study, "--out", one, "--threads", "1", "--json"]).ended;
  expect(first.err).toMatch(/tiny: 12 replicates to do on 1 thread/);
  expect(first.code).toBe(0);
  expect(JSON.parse(first.out)).toMatchObject({ study: "tiny", planned: 12, done: 12, failed: 0, added: 12 });
  expect((await startCommand(["run", study, "--out", two, "--threads", "2"]).ended).code).toBe(0);
  const run = startCommand(["run", study, "--out", broken, "--threads", "1"]);
  await until(async () => {
    const { code, out } = await command(".", "status", broken, "--json");
    return code === 0 && (JSON.parse(out) as { done: number }).done > 0;
  }, run);
  run.process.kill("SIGINT");
  expect([0, 130]).toContain((await run.ended).code);
  const last = await startCommand(["run", study, "--out", broken, "--threads", "2"]).ended;
  expect(last.code).toBe(0);
  expect(last.out).toContain(`database: ${broken}`);
  const expected = await readResults(one);
  expect(await readResults(two)).toEqual(expected);
  expect(await readResults(broken)).toEqual(expected);
  expect(expected["replicates"]).toHaveLength(12);
});

test("a run ends with the next commands, and they work as they are printed", async () => {
  const { out } = await startCommand(["run", study, "--out", "one.duckdb"], {}, folder).ended;
  const next = [...out.matchAll(/^ {2}npx moe-rates (.+?)(?: {2,}.*)?$/gm)].map(([, words = ""]) =>
    words.split(" "),
  );
  expect(next.map(([verb]) => verb)).toEqual(["report", "rates"]);
  for (const words of next)
    expect(
      await command(folder, ...words.map((word) => word.replace("one.duckdb", join(folder, "one.duckdb")))),
    ).toMatchObject({ code: 0, err: "" });
  expect(readFileSync(join(folder, "one.html"), "utf8")).toContain("<h1>tiny</h1>");
});

test("losses added later equal those of a run that had them from the start", async () => {
  const [grown, fresh] = [join(folder, "grown.duckdb"), join(folder, "one.duckdb")];
  const fewer = writeStudy(folder, {
    sizes: [100, 200],
    replicates: 3,
    atoms: [2, 3],
    losses: ["regression-l2"],
  });
  expect((await startCommand(["run", fewer, "--out", grown]).ended).code).toBe(0);
  const more = await startCommand(["run", study, "--out", grown]).ended;
  expect(more.err).toMatch(/0 replicates to do/);
  expect((await readResults(grown))["losses"]).toEqual((await readResults(fresh))["losses"]);
});

test("rates --json has a row per series with slope, standard error and interval", async () => {
  const { out } = await command(".", "rates", join(folder, "one.duckdb"), "--json");
  const rows = JSON.parse(out) as Record<string, unknown>[];
  const row = rows.find(
    (one) => one["loss"] === "regression-l2" && one["statistic"] === "median" && one["fits"] === "all",
  );
  expect(row).toMatchObject({ component: "total", k: 2, points: 2 });
  expect(row?.["published"]).toMatchObject({ exponent: -0.5, scope: "bound" });
  expect(row?.["audited"]).toMatchObject({ exponent: -0.5, scope: "pointwise" });
  expect(row).toMatchObject({ fit: "fit", local: false });
  expect(row?.["design"]).toMatch(/^[0-9a-f]{16}$/);
  expect(row?.["certifiedShare"]).toBeGreaterThan(0);
  expect(typeof row?.["slope"]).toBe("number");
  expect(row?.["ci"]).toHaveLength(2);
});

test("fits from starts near the truth alone are labelled local, in the table and as JSON", async () => {
  const near = join(folder, "near.yaml");
  const starts = "starts: {near-truth: {radius: 0.4, count: 2}}";
  writeFileSync(
    near,
    readFileSync(study, "utf8")
      .replace(/starts: .*/, starts)
      .replace("[2, 3]", "2"),
  );
  const out = join(folder, "near.duckdb");
  expect((await startCommand(["run", near, "--out", out]).ended).out).toMatch(
    /^fit +k .*certified[\s\S]*^fit +2 .*all, local +0\.0 %[\s\S]*^fit fit, k = 2: local fits/m,
  );
  const rows = JSON.parse((await command(".", "rates", out, "--json")).out) as Record<string, unknown>[];
  expect(rows.every((row) => row["local"] === true && row["certifiedShare"] === 0)).toBe(true);
});

test("x may be drawn from the rows of a CSV file or of its Parquet copy, with the same results", async () => {
  const rows = Array.from({ length: 50 }, (_, i) => `${Math.sin(i) * 3},${Math.cos(2 * i) * 3},${i}`);
  writeFileSync(join(folder, "x.csv"), `u,v,row\n${rows.join("\n")}\n`);
  const { openMemoryDatabase } = await import("../src/store/duckdb-instance.ts");
  const database = await openMemoryDatabase();
  await database.connection.run(
    `COPY (SELECT u::DOUBLE AS u, v::DOUBLE AS v FROM '${folder}/x.csv') TO '${folder}/x.parquet'`,
  );
  database.close();
  const results = [];
  for (const file of ["x.csv", "x.parquet"]) {
    const text = readFileSync(study, "utf8")
      .replace(/input: .*/, `input: {law: covariates, file: ${file}, columns: [u, v]}`)
      .replace("[2, 3]", "2");
    writeFileSync(join(folder, `${file}.yaml`), text);
    const out = join(folder, `${file}.duckdb`);
    expect((await startCommand(["run", join(folder, `${file}.yaml`), "--out", out]).ended).code).toBe(0);
    results.push(await readResults(out));
  }
  expect(results[1]).toEqual(results[0]);
});

test("fit finds the plane two linear experts make, says so in words and as JSON, and --start repeats it locally", async () => {
  const x = Array.from({ length: 200 }, (_, i) => -3 + (6 * i) / 199);
  const y = x.map((value) => {
    const p = 1 / (1 + Math.exp(-2 * value));
    return p * (1 + 2 * value) + (1 - p) * (0.5 - value) + 0.01 * Math.sin(1000 * value);
  });
  const data = join(folder, "data.csv");
  writeFileSync(data, `x,y\n${x.map((value, i) => `${value},${y[i]}`).join("\n")}\n`);
  const base = ["fit", data, "--x", "x", "--y", "y", "--expert", "linear", "--atoms", "2"];
  const { code, out } = await startCommand([...base, "--json"]).ended;
  expect(code).toBe(0);
  const fit = JSON.parse(out) as {
    sse: number;
    certified: boolean;
    atoms: { a: number[] }[];
    n: number;
    engine: string;
  };
  expect(fit).toMatchObject({
    status: "converged",
    certified: true,
    n: 200,
    engine: engineNamed(undefined).name,
  });
  expect(Object.keys(fit)).toEqual(
    expect.arrayContaining([
      "status",
      "certified",
      "sse",
      "n",
      "atoms",
      "cosine",
      "iterations",
      "starts",
      "wallMs",
      "engine",
    ]),
  );
  const slopes = fit.atoms.map((atom) => atom.a[0]).toSorted((a, b) => a - b);
  expect(slopes[0]).toBeCloseTo(-1, 1);
  expect(slopes[1]).toBeCloseTo(2, 1);
  writeFileSync(join(folder, "start.json"), JSON.stringify(fit.atoms));
  const local = await startCommand([
    ...base,
    "--start",
    join(folder, "start.json"),
    "--starts",
    "1",
    "--json",
  ]).ended;
  expect(JSON.parse(local.out)).toMatchObject({ certified: false, local: true, starts: 1 });
  expect(local.err).toMatch(/warning: this fit is not certified: .*a single start/);
  expect(local.code).toBe(0);
  expect((JSON.parse(local.out) as { sse: number }).sse).toBeCloseTo(fit.sse, 8);
  expect((await startCommand(base).ended).out).toMatch(/certified\s+yes[\s\S]*atom\s+beta1\[x\]/);
});

test("a plugin's family runs in the workers and its content is part of the identity", async () => {
  const plugin = join(folder, "plugin.mjs");
  const source = `import { linear } from "${new URL("../../../packages/experts/dist/index.js", import.meta.url).href}";
export const experts = { straight: { ...linear, name: "straight" } };
`;
  writeFileSync(plugin, source);
  const text = readFileSync(study, "utf8")
    .replace(/expert: .*/, "expert: straight")
    .replaceAll(/a: (\[[^\]]+\])/g, "a: $1, b: 0")
    .replace("[2, 3]", "2");
  writeFileSync(join(folder, "plug.yaml"), text);
  const args = ["run", join(folder, "plug.yaml"), "--out", join(folder, "plug.duckdb"), "--plugin", plugin];
  const run = await startCommand(args).ended;
  expect(run.err).toContain("6 replicates in");
  expect(run.code).toBe(0);
  writeFileSync(plugin, `${source}// changed\n`);
  const changed = await startCommand(args).ended;
  expect(changed.code).toBe(2);
  expect(changed.err).toMatch(/expert:straight.*: stored .*, now /);
  expect((await command(folder, "validate", join(folder, "plug.yaml"))).err).toMatch(
    /truth.expert.*straight/,
  );
});
