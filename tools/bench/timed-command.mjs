import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../apps/orchestrator/bin/moe-rates.mjs", import.meta.url));
const lookEvery = 50;

/** @typedef {{ran: number, waited: number}} ThreadTime seconds on a core, and ready to run without one
 *  @typedef {{out: string, wall: number, cpu: number, threads: ThreadTime[]}} Timed what a command printed, its wall and CPU seconds (all threads, start
 *    included, from the shell's `times`), and the times of its threads but the main one, the busiest first; none where the system does not tell */

/** Runs the built command to its end. Throws what it said when it failed.
 *  @param {readonly string[]} args @returns {Promise<Timed>} */
export function timedCommand(args) {
  const begun = performance.now();
  return new Promise((done, fail) => {
    const child = spawn(
      "sh",
      ["-c", '"$@"; code=$?; times >&2; exit $code', "sh", process.execPath, program, ...args],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, NO_COLOR: "1" },
      },
    );
    /** @type {Map<string, ThreadTime>} */
    const seen = new Map();
    const look = setInterval(() => lookAtThreads(Number(child.pid), seen), lookEvery);
    let [out, words] = ["", ""];
    child.stdout.on("data", (piece) => (out += piece));
    child.stderr.on("data", (piece) => (words += piece));
    child.on("error", fail);
    child.on("close", (code) => {
      clearInterval(look);
      const wall = (performance.now() - begun) / 1e3;
      const times = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(words);
      if (code !== 0 || !times) return fail(new Error(`moe-rates ${args.join(" ")}: ${words}`));
      const [, userMinutes, user, systemMinutes, system] = times.map(Number);
      const cpu = 60 * (userMinutes + systemMinutes) + user + system;
      done({ out, wall, cpu, threads: [...seen.values()].toSorted((a, b) => b.ran - a.ran) });
    });
  });
}

/** Notes the times of the threads, but the main one, of the only child of a shell, from the scheduler's statistics of Linux.
 *  @param {number} shell @param {Map<string, ThreadTime>} seen */
function lookAtThreads(shell, seen) {
  try {
    const pid = readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim();
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      if (thread === pid) continue;
      const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8")
        .split(" ")
        .map(Number);
      seen.set(thread, { ran: 1e-9 * ran, waited: 1e-9 * waited });
    }
  } catch {
    /* Another system, or a thread that has just ended: what was seen last stays. */
  }
}
