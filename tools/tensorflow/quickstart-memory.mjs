// The quickstart on TensorFlow.js in a pool of worker threads, and the resident memory of its process at every tenth of its replicates.
// Ends with 1 when the run fails, or when memory grows by a tenth from the second tenth to the last.
//
//   npm run build && node tools/tensorflow/quickstart-memory.mjs [--replicates 1000] [--threads 2] [--engine tfjs]      (Linux)
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { connectLive, liveStatus } from "../../apps/orchestrator/dist/live/ask-live.js";
import { exitOnSignals, pause, startCommand } from "../reliability/run-command.mjs";

const { values } = parseArgs({
  options: {
    replicates: { type: "string", default: "1000" },
    threads: { type: "string", default: "2" },
    engine: { type: "string", default: "tfjs" },
  },
});
exitOnSignals();
const study = fileURLToPath(new URL("../../apps/orchestrator/studies/quickstart.yaml", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "moe-rates-quickstart-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const out = join(folder, "quickstart.duckdb");
const set = ["--set", `design.replicates=${values.replicates}`];
const running = startCommand(
  ["run", study, "--out", out, "--engine", values.engine, "--threads", values.threads, ...set],
  { cwd: folder },
);
const started = performance.now();
/** Two fits at five sample sizes. */
const total = 10 * Number(values.replicates);
/** @type {number[]} */
const resident = [];
for (; !running.over(); await pause(500)) {
  const done = await progress().catch(() => null);
  if (done === null || done < (resident.length * total) / 10) continue;
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${running.pid}/status`, "utf8"))?.[1];
  resident.push(Number(kb) / 1024);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${String(done).padStart(7)} of ${total} fits  ${seconds.toFixed(0).padStart(6)} s  ${resident.at(-1)?.toFixed(0).padStart(6)} MB resident`,
  );
}
const { code, err } = await running.ended;
const [, second = NaN] = resident;
const last = resident.at(-1) ?? NaN;
console.log(
  `exit code ${code}; memory ${second.toFixed(0)} MB in the second tenth, ${last.toFixed(0)} MB at the end`,
);
if (code !== 0) console.log(err);
process.exitCode = code === 0 && last <= 1.1 * second ? 0 : 1;

async function progress() {
  const connection = await connectLive(out, process.env);
  if (connection === null) return null;
  const { done } = /** @type {{ done: number }} */ (await liveStatus(connection));
  return done;
}
