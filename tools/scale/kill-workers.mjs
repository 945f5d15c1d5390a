/** A run on a queue whose workers are killed, and whose server is restarted, while it runs. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { stream } from "../../packages/math/dist/index.js";
import { compareWithReference } from "../reliability/compare-stores.mjs";
import { runCommand, startCommand, pause } from "../reliability/run-command.mjs";
import { startServer } from "./redis-server.mjs";

/**
 * Runs `study` here and on a queue, and compares the two files. Each worker is a process; a killed one is replaced by a new one that joins the run.
 * @param {string} folder
 * @param {string} study
 * @param {{ workers: number, kills: number, restarts: number, everyMs: number, seed: number }} plan `everyMs` is the mean time between kills
 */
export async function killWorkers(folder, study, { workers, kills, restarts, everyMs, seed }) {
  const random = stream("queue kills", seed);
  const password = createHash("sha256").update(folder).digest("hex");
  const options = { cwd: folder, env: { REDIS_PASSWORD: password } };
  const reference = await runCommand(["run", study, "--out", "reference.duckdb", "--threads", "2"], options);
  if (reference.code !== 0) throw new Error(reference.err);
  const server = await startServer(folder, password);
  const newWorker = () => startCommand(["worker", "--queue", server.url, "--threads", "1"], options);
  const crew = Array.from({ length: workers }, newWorker);
  const started = performance.now();
  const run = startCommand(["run", study, "--out", "queue.duckdb", "--queue", server.url], options);
  let [killed, restarted] = [0, 0];
  try {
    await Promise.race([
      until(() => run.over() || crew.every((one) => one.err().includes("works on"))),
      pause(60_000),
    ]);
    while (!run.over() && killed < kills) {
      await pause(everyMs * (0.5 + random.uniform()));
      if (run.over()) break;
      const at = Math.floor(random.uniform() * crew.length);
      crew[at]?.signal("SIGKILL");
      crew[at] = newWorker();
      killed += 1;
      if (restarted < restarts && killed >= ((restarted + 1) * kills) / (restarts + 1)) {
        await server.restart();
        restarted += 1;
      }
    }
    const { code, err } = await run.ended;
    const seconds = (performance.now() - started) / 1000;
    for (const one of crew) one.signal("SIGTERM");
    const left = await Promise.all(crew.map((one) => one.ended));
    const compared = await compareWithReference(
      join(folder, "queue.duckdb"),
      join(folder, "reference.duckdb"),
    );
    return { code, err, seconds, killed, restarted, leftWith: left.map((one) => one.code), ...compared };
  } finally {
    for (const one of [run, ...crew]) one.signal("SIGKILL");
    await server.stop();
  }
}

/** @param {() => boolean} condition */
async function until(condition) {
  while (!condition()) await pause(50);
}
