/** Runs command lines in a child process that is replaced when one of them ends it. */
import { fork } from "node:child_process";

/**
 * @typedef {{ code: number | null, out: string, err: string, cpuMs: number }} Outcome
 * `code` is null when the command ended or blocked its process; `err` says how.
 */

/** A command that takes longer by the clock is killed. The promise is on CPU time: the clock also counts what other programs of the machine do. */
const longestMs = 60_000;

/** @param {string} cwd */
export function commandProcess(cwd) {
  /** @type {import("node:child_process").ChildProcess | null} */
  let child = null;

  async function ready() {
    if (child !== null) return child;
    const started = fork(new URL("child.mjs", import.meta.url), [], {
      cwd,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: ["--max-old-space-size=1024"],
    });
    child = started;
    started.on("exit", () => (child = null));
    await new Promise((resolve) => void started.once("message", resolve));
    return started;
  }

  /** @param {readonly string[]} args @returns {Promise<Outcome>} */
  async function run(args) {
    const worker = await ready();
    return new Promise((resolve) => {
      let words = "";
      const hear = (/** @type {Buffer} */ piece) => void (words = (words + String(piece)).slice(-2000));
      const finish = (/** @type {Outcome} */ outcome) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("exit", onExit);
        worker.stderr?.off("data", hear);
        resolve(outcome);
      };
      const onMessage = (/** @type {unknown} */ message) => finish(/** @type {Outcome} */ (message));
      const onExit = (/** @type {number | null} */ code, /** @type {string | null} */ signal) =>
        finish({ code: null, out: "", err: `the process ended with ${signal ?? code}: ${words}`, cpuMs: 0 });
      const timer = setTimeout(() => {
        worker.off("exit", onExit).kill("SIGKILL");
        child = null;
        finish({ code: null, out: "", err: `no end after ${longestMs} ms`, cpuMs: longestMs });
      }, longestMs);
      worker.on("message", onMessage).on("exit", onExit);
      worker.stderr?.on("data", hear);
      worker.send({ args, cwd });
    });
  }

  return { run, close: () => void child?.kill("SIGKILL") };
}
