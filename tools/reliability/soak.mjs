#!/usr/bin/env node
/** A long run: a million tiny replicates in one study, watched from outside. Prints memory, file size, throughput and the time `status` and `query` take
 *  while it runs, and ends with exit code 1 when memory or file grow faster than the replicates or an answer takes longer than --slowest seconds.
 *
 *  node tools/reliability/soak.mjs [--replicates 1000000] [--threads 1] [--every 5] [--slowest 10] [--keep FILE.duckdb]      (needs a build; Linux) */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectLive, liveQuery, liveStatus } from "../../apps/orchestrator/dist/live/ask-live.js";
import { exitOnSignals, pause, runCommand, startCommand } from "./run-command.mjs";

const { values } = parseArgs({
  options: {
    replicates: { type: "string", default: "1000000" },
    threads: { type: "string", default: "1" },
    every: { type: "string", default: "5" },
    slowest: { type: "string", default: "10" },
    keep: { type: "string" },
  },
});
exitOnSignals();
const replicates = Number(values.replicates);
const folder = mkdtempSync(join(tmpdir(), "moe-rates-soak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const out = values.keep ?? join(folder, "soak.duckdb");
const sizes = [8, 12, 16, 24];
writeFileSync(
  join(folder, "soak.yaml"),
  `name: soak
seed: 20250405
truth:
  gating: softmax
  expert: linear
  input: {law: uniform, low: -1, high: 1, dim: 1}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [0], beta0: 0, a: [1], b: 0.5}
fit:
  atoms: [1]
  starts: {near-truth: {radius: 0.1, count: 1}}
design:
  sampleSizes: [${sizes.join(", ")}]
  replicates: ${Math.ceil(replicates / sizes.length)}
losses: [voronoi-d1]
`,
);

/** @typedef {{ seconds: number, done: number, rssMb: number, fileMb: number, statusMs: number, queryMs: number }} Sample */

/** @param {number} pid resident memory in MB */
function residentMb(pid) {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
}

/** @param {() => Promise<unknown>} ask */
async function timed(ask) {
  const started = performance.now();
  const answer = await ask();
  return { answer, ms: performance.now() - started };
}

/** @param {number} pid @param {number} started @returns {Promise<Sample | null>} */
async function sample(pid, started) {
  const [one, other] = [await connectLive(out, process.env), await connectLive(out, process.env)];
  if (one === null || other === null) return null;
  const status = await timed(() => liveStatus(one));
  const query = await timed(async () => {
    const { pieces } = await liveQuery(
      other,
      "SELECT n, median(value) FROM losses JOIN design_points USING (design_point) WHERE component = 'total' AND replicate < 1000 GROUP BY n",
    );
    for await (const rows of pieces) void rows;
  });
  const { done } = /** @type {{ done: number }} */ (status.answer);
  const size = statSync(out).size + (statSync(`${out}.wal`, { throwIfNoEntry: false })?.size ?? 0);
  return {
    seconds: (performance.now() - started) / 1000,
    done,
    rssMb: residentMb(pid),
    fileMb: size / 2 ** 20,
    statusMs: status.ms,
    queryMs: query.ms,
  };
}

const started = performance.now();
const running = startCommand(["run", "soak.yaml", "--out", out, "--threads", values.threads, "--json"], {
  cwd: folder,
});
/** @type {Sample[]} */
const samples = [];
/** Milliseconds to the next look; short until the run answers for the first time. */
const wait = () => (samples.length === 0 ? 20 : 1000 * Number(values.every));
for (; !running.over(); await pause(wait())) {
  const now = await sample(running.pid, started).catch(() => null);
  if (now === null) continue;
  samples.push(now);
  process.stdout.write(
    `${now.seconds.toFixed(0).padStart(6)} s  ${String(now.done).padStart(8)} done  ${now.rssMb.toFixed(0).padStart(5)} MB resident  ${now.fileMb.toFixed(1).padStart(7)} MB file  ` +
      `status ${now.statusMs.toFixed(0)} ms  query ${now.queryMs.toFixed(0)} ms\n`,
  );
}
const { code, err } = await running.ended;
if (code !== 0) throw new Error(`the run ended with ${code}: ${err}`);
const bytes = statSync(out).size;
const resumedIn = await timed(() =>
  runCommand(["run", "soak.yaml", "--out", out, "--threads", values.threads], { cwd: folder }),
);

/** @param {readonly number[]} list */
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
const quarter = (/** @type {number} */ q) =>
  samples.filter(({ done }) => done > (q * replicates) / 4 && done <= ((q + 1) * replicates) / 4);
const speed = (/** @type {readonly Sample[]} */ part) =>
  ((part.at(-1)?.done ?? 0) - (part[0]?.done ?? 0)) / ((part.at(-1)?.seconds ?? 1) - (part[0]?.seconds ?? 0));
const [second, last] = [quarter(1), quarter(3)];
const memory = {
  second: median(second.map(({ rssMb }) => rssMb)),
  last: median(last.map(({ rssMb }) => rssMb)),
};
const worst = {
  status: Math.max(...samples.map(({ statusMs }) => statusMs)),
  query: Math.max(...samples.map(({ queryMs }) => queryMs)),
};
process.stdout.write(
  [
    `${replicates} replicates in ${((performance.now() - started) / 1000).toFixed(0)} s on ${values.threads} thread(s)`,
    `memory: ${memory.second.toFixed(0)} MB in the second quarter, ${memory.last.toFixed(0)} MB in the last; peak ${Math.max(...samples.map(({ rssMb }) => rssMb)).toFixed(0)} MB`,
    `file: ${bytes} bytes, ${(bytes / replicates).toFixed(0)} per replicate`,
    `throughput: ${speed(second).toFixed(0)}/s in the second quarter, ${speed(last).toFixed(0)}/s in the last`,
    `status: median ${median(samples.map(({ statusMs }) => statusMs)).toFixed(0)} ms, at most ${worst.status.toFixed(0)} ms; query: median ${median(samples.map(({ queryMs }) => queryMs)).toFixed(0)} ms, at most ${worst.query.toFixed(0)} ms`,
    `started again with nothing to do: ${(resumedIn.ms / 1000).toFixed(1)} s`,
    "",
  ].join("\n"),
);
if (
  memory.last > 1.3 * memory.second + 50 ||
  Math.max(worst.status, worst.query) > 1000 * Number(values.slowest)
)
  process.exitCode = 1;
