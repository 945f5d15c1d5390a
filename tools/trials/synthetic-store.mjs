#!/usr/bin/env node
/** Builds a database of a study with made-up losses, for measuring queries and reports on large files, and times the queries of `rates` on it. The losses are
 *  n^-1/2 times log-normal factors drawn by a hash: nothing is fitted.
 *  Needs a build: node tools/trials/synthetic-store.mjs FILE.duckdb [replicate rows, 1000000] [loss components, 1] [sizes, 13] */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { engines } from "../../apps/orchestrator/dist/engines.js";
import { readJudgedRates } from "../../apps/orchestrator/dist/inference/judged-rates.js";
import { loadStudy } from "../../apps/orchestrator/dist/load-study.js";
import { provenance } from "../../apps/orchestrator/dist/provenance.js";
import { openForReading, openForWriting } from "../../apps/orchestrator/dist/store/store-file.js";
import { runQuery, rowObjects } from "../../apps/orchestrator/dist/store/query-result.js";
import { enterRun, leaveRun } from "../../apps/orchestrator/dist/store/stored-study.js";

const file = resolve(process.argv[2] ?? "synthetic.duckdb");
const wanted = Number(process.argv[3] ?? 1e6);
const components = Number(process.argv[4] ?? 1);
const sizes = Number(process.argv[5] ?? 13);
const designs = 2;
const replicates = Math.ceil(wanted / (designs * sizes));

const folder = mkdtempSync(join(tmpdir(), "moe-rates-synthetic-"));
const study = join(folder, "synthetic.yaml");
writeFileSync(
  study,
  `name: synthetic
seed: 1
truth:
  gating: softmax
  expert: {family: ffn, activation: tanh, bias: false}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}
    - {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6]}
fit: {atoms: [2, 3]}
design: {sampleSizes: {from: 1000, to: 1000000, count: ${sizes}}, replicates: ${replicates}}
losses: [voronoi-d1]
`,
);
try {
  const loaded = await loadStudy({
    file: study,
    cwd: folder,
    overrides: [],
    plugins: [],
    engine: engines[0],
  });
  const database = await openForWriting(file);
  const { connection } = database;
  const run = await enterRun(connection, {
    ...loaded,
    engine: engines[0],
    threads: 1,
    plugins: [],
    provenance: provenance(),
  });
  await connection.run(
    `INSERT INTO replicates (design_point, replicate, status, certified, local, active_bounds, audited, wall_ms, cpu_ms, theta, run)
     SELECT design_point, r, 'converged', hash(design_point, r) % 20 > 0, false, '', false, 1 + hash(r) % 100 / 50, 1, [], ${run}
     FROM design_points, range(${replicates}) t(r)`,
  );
  await connection.run(
    `INSERT INTO losses
     SELECT design_point, replicate, 'voronoi-d1', CASE WHEN c = 0 THEN 'total' ELSE 'part' || c END,
       exp(sqrt(-2 * ln((hash(design_point, replicate, c) % 1000000 + 0.5) / 1e6)) * cos(2 * pi() * (hash(c, replicate, design_point) % 1000000) / 1e6)) / sqrt(n)
     FROM replicates JOIN design_points USING (design_point), range(${components}) t(c)`,
  );
  await leaveRun(connection, run, "complete", 0);
  await connection.run("CHECKPOINT");
  database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const reading = await openForReading(file);
/** @param {string} sql */
const query = (sql) => runQuery(reading.instance, sql, new AbortController().signal);
/** @param {string} what @param {() => Promise<unknown>} job */
const timed = async (what, job) => {
  const times = [];
  const before = process.cpuUsage();
  for (let run = 0; run < 5; run++) {
    const from = performance.now();
    await job();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${what}: median ${(times[2] / 1000).toFixed(2)} s, fastest ${(times[0] / 1000).toFixed(2)} s of 5; CPU ${((user + system) / 5e6).toFixed(2)} s each`,
  );
};
console.log(
  `${designs * sizes * replicates} replicate rows, ${designs * sizes * replicates * components} losses`,
);
await timed("SELECT * FROM rates", async () => rowObjects(await query("SELECT * FROM rates")));
await timed("SELECT * FROM local_slopes", async () => rowObjects(await query("SELECT * FROM local_slopes")));
await timed("verdicts of the medians (what `rates` prints)", () =>
  readJudgedRates(query, { keep: ({ fits, statistic }) => fits === "all" && statistic === "median" }),
);
await timed("everything (what `rates --json` prints)", () => readJudgedRates(query));
reading.close();
