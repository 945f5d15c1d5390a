/** The built command in processes of its own, for the reliability commands. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** The command line of this checkout. */
export const commandFile = fileURLToPath(
  new URL("../../apps/orchestrator/bin/moe-rates.mjs", import.meta.url),
);

/**
 * @typedef {{ code: number | null, signal: string | null, out: string, err: string }} Ended
 * @typedef {{ pid: number, ended: Promise<Ended>, over: () => boolean, err: () => string, signal: (name: NodeJS.Signals) => void }} Running
 */

/** Groups that are not over: none outlives this process. @type {Set<number>} */
const groups = new Set();
process.on("exit", () => groups.forEach((pid) => send(pid, "SIGKILL")));

/** Makes a signal an orderly exit of this program, so that what runs and what lies about goes with it. */
export function exitOnSignals() {
  for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.once(name, () => process.exit(128 + constants.signals[name]));
}

/** @param {number} pid of a group's leader @param {NodeJS.Signals} name */
function send(pid, name) {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/**
 * Starts the command in a process group of its own; `signal` reaches the whole group. It ends with an exit of this process at the latest.
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, wrapper?: readonly string[] }} options `wrapper` is a program that starts the command
 * @returns {Running}
 */
export function startCommand(args, { cwd, env = {}, wrapper = [] }) {
  const [program, ...words] = [...wrapper, process.execPath, commandFile, ...args];
  const child = spawn(program, words, {
    cwd,
    detached: true,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? 0;
  if (pid > 0) groups.add(pid);
  let [out, err, over] = ["", "", false];
  child.stdout.on("data", (piece) => (out += piece));
  child.stderr.on("data", (piece) => (err += piece));
  /** @type {Promise<Ended>} */
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      over = true;
      groups.delete(pid);
      resolve({ code, signal, out, err });
    });
  });
  return {
    pid,
    ended,
    over: () => over,
    err: () => err,
    signal(name) {
      if (pid > 0) send(pid, name);
    },
  };
}

/**
 * Runs the command to its end.
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, wrapper?: readonly string[] }} options
 */
export function runCommand(args, options) {
  return startCommand(args, options).ended;
}

/** @param {number} ms */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a command waits for comes within this time on the slowest machine, or never: in milliseconds. */
const longestMs = 600_000;

/**
 * Waits until a condition holds. Throws when it never does.
 * @param {() => boolean | Promise<boolean>} condition
 */
export async function until(condition) {
  const deadline = performance.now() + longestMs;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`waited ${longestMs / 60_000} minutes in vain for ${String(condition)}`);
    await pause(5);
  }
}
