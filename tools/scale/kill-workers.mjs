/** A run on a queue whose workers are killed, and whose server is restarted, while it runs. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { compareWithReference } from "../reliability/compare-stores.mjs";
import { runCommand, startCommand, until } from "../reliability/run-command.mjs";
import { startServer } from "./redis-server.mjs";
import { openRelay } from "./relay.mjs";

/** @typedef {{ line: Awaited<ReturnType<typeof openRelay>>, process: import("../reliability/run-command.mjs").Running }} Worker */

/**
 * Runs `study` here and on a queue, and compares the two files. Each worker is a process with a line of its own to the server. Whenever `batchesPerKill`
 * more batches have been given out, the worker that got the last one can no longer answer, is killed, and is replaced by a new one that joins
 * the run; restarts of the server are spread over the kills. Nothing is given out meanwhile and a batch is always open, so that every kill and every restart
 * falls into the run, however fast the machine is, when the study has at least `kills * batchesPerKill` batches.
 * @param {string} folder
 * @param {string} study
 * @param {{ workers: number, kills: number, restarts: number, batchesPerKill: number }} plan
 */
export async function killWorkers(folder, study, { workers, kills, restarts, batchesPerKill }) {
  const password = createHash("sha256").update(folder).digest("hex");
  const options = { cwd: folder, env: { REDIS_PASSWORD: password } };
  const reference = await runCommand(["run", study, "--out", "reference.duckdb", "--threads", "2"], options);
  if (reference.code !== 0) throw new Error(reference.err);
  const server = await startServer(folder, password);
  /** @type {Set<Worker>} */
  const crew = new Set();
  let [given, killed, restarted] = [0, 0, 0];

  const newWorker = async () => {
    const line = await openRelay(server.port, () => (turn = turn.then(() => giveBatch(one))));
    const url = `redis://127.0.0.1:${line.port}`;
    const one = { line, process: startCommand(["worker", "--queue", url, "--threads", "1"], options) };
    crew.add(one);
  };
  const giveBatch = async (/** @type {Worker} */ to) => {
    given += 1;
    if (killed === kills || given < (killed + 1) * batchesPerKill) return;
    killed += 1;
    to.line.cut();
    to.process.signal("SIGKILL");
    await to.process.ended;
    to.line.close();
    crew.delete(to);
    if (restarted < restarts && killed * (restarts + 1) >= (restarted + 1) * kills) {
      await server.restart();
      restarted += 1;
    }
    await newWorker();
  };
  let turn = Promise.resolve();

  const started = performance.now();
  const run = startCommand(["run", study, "--out", "queue.duckdb", "--queue", server.url], options);
  try {
    for (let i = 0; i < workers; i++) await newWorker();
    const { code, err } = await run.ended;
    const seconds = (performance.now() - started) / 1000;
    await turn;
    const last = [...crew].map((one) => one.process);
    await until(() => last.every((one) => one.over() || one.err().includes("waits for runs")));
    for (const one of last) one.signal("SIGTERM");
    const left = await Promise.all(last.map((one) => one.ended));
    const compared = await compareWithReference(
      join(folder, "queue.duckdb"),
      join(folder, "reference.duckdb"),
    );
    return {
      code,
      err,
      seconds,
      given,
      killed,
      restarted,
      leftWith: left.map((one) => one.code),
      ...compared,
    };
  } finally {
    run.signal("SIGKILL");
    for (const { line, process } of crew) {
      process.signal("SIGKILL");
      line.close();
    }
    await server.stop();
  }
}
