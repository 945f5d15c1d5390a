import { spawn } from "node:child_process";

/** A step that failed, with the reason in one line and what the step printed. */
export class StepFailure extends Error {
  /** @param {string} message @param {string} output */
  constructor(message, output = "") {
    super(message);
    this.output = output;
  }
}

/** Runs a command and returns what it printed to stdout.
 *  @param {string} command @param {string[]} args
 *  @param {{ cwd?: string, env?: NodeJS.ProcessEnv, minutes?: number }} options
 *  @returns {Promise<string>}
 *  @throws {StepFailure} when it cannot be started, fails, or takes longer than `minutes` (15) */
export async function runStep(command, args, { cwd, env, minutes = 15 } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const limit = setTimeout(() => child.kill("SIGKILL"), minutes * 60_000);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) => {
        const missing = "code" in error && error.code === "ENOENT";
        reject(new StepFailure(missing ? `${command} is not installed` : `${command}: ${error.message}`));
      });
      child.once("close", (code, signal) => {
        const output = `${stdout}${stderr}`;
        if (code === 0) resolve(stdout);
        else if (signal === "SIGKILL")
          reject(new StepFailure(`${command} took longer than ${minutes} minutes`, output));
        else reject(new StepFailure(telling(output) ?? `${command} ended with exit code ${code}`, output));
      });
    });
  } finally {
    clearTimeout(limit);
  }
}

/** The line of an output that says what went wrong: the last one with the word error in it, else the last one.
 *  @param {string} output */
function telling(output) {
  const lines = output.split("\n").map((line) => line.trim());
  return lines.findLast((line) => /error/i.test(line)) ?? lines.findLast((line) => line !== "");
}
