import { spawn } from "node:child_process";
import { constants } from "node:os";

/** A failure with a message for the user; anything else that is thrown is a bug in the bootstrap. */
export class SetupError extends Error {
  /** @param {string} message @param {number} exitCode @param {string} output what the failing step printed */
  constructor(message, exitCode = 1, output = "") {
    super(message);
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, patience?: number }} ChildOptions */

/** What npm and pnpm print when a registry does not answer. */
export const registryUnreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|META_FETCH_FAIL|NO_OFFLINE|error sending request/;

/** Runs a step of the set-up. Prints nothing when it is done within `patience` ms (1000), one line when it takes longer,
 *  and everything it said when it fails.
 *  @param {string} label @param {string} command @param {string[]} args @param {ChildOptions} options
 *  @returns {Promise<void>}
 *  @throws {SetupError} with the output of the step */
export async function runQuietly(label, command, args, { cwd, env, patience = 1000 } = {}) {
  const started = performance.now();
  const announcement = setTimeout(() => process.stderr.write(`moe-rates: ${label} ...\n`), patience);
  let output = "";
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  }
  const code = await exitCodeOf(child, ["SIGINT", "SIGTERM", "SIGHUP"]).finally(() =>
    clearTimeout(announcement),
  );
  if (code > 128) throw new SetupError(`${label}: interrupted`, code);
  if (code !== 0) {
    const hint = registryUnreachable.test(output)
      ? "the npm registry cannot be reached: check the network and `npm config get registry`, then try again"
      : `\`${[command, ...args].join(" ")}\` ended with exit code ${code}`;
    throw new SetupError(`${label} failed: ${hint}`, 1, output);
  }
  const elapsed = performance.now() - started;
  if (elapsed > patience) process.stderr.write(`moe-rates: ${label} took ${(elapsed / 1000).toFixed(1)} s\n`);
}

/** Runs a command that owns the terminal from here on and returns its exit code (128 + signal number when killed).
 *  On a terminal Ctrl-C already reaches the whole process group, so SIGINT is only passed on when there is none.
 *  @param {string} command @param {string[]} args @param {ChildOptions} options
 *  @returns {Promise<number>} */
export async function runForeground(command, args, { cwd, env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: "inherit" });
  return exitCodeOf(child, process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : signals);
}

/** @type {NodeJS.Signals[]} */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Outlives the child: a signal never ends this process first.
 *  @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals[]} forwarded passed on to the child
 *  @returns {Promise<number>} */
async function exitCodeOf(child, forwarded) {
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => void (forwarded.includes(signal) && child.kill(signal));
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) =>
        reject(new SetupError(`${child.spawnfile} cannot be started: ${error.message}`)),
      );
      child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
