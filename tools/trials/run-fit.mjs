import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../apps/orchestrator/bin/moe-rates.mjs", import.meta.url));

/** @typedef {{certified: boolean, sse: number, status: string, starts: number, wallMs: number, atoms: import("../bench/scipy/run-minpack.mjs").Atom[],
 *             certificate: {reachedBest: number, optima: number, activeBounds: string[], reasons: string[]}}} Fit
 *  @typedef {{fit: Fit, coreSeconds: number}} TimedFit */

/** `moe-rates fit FILE` with three tanh experts and default settings but `more`. `coreSeconds` is the CPU time of the whole command, its start included,
 *  as the shell's `times` reports it. Throws what the command said when it failed.
 *  @param {string} csv @param {string[]} [more]
 *  @returns {TimedFit} */
export function runFit(csv, more = []) {
  const fit = [
    program,
    "fit",
    csv,
    "--x",
    "x1,x2",
    "--y",
    "y",
    "--gating",
    "softmax",
    "--expert",
    "ffn:tanh",
    "--atoms",
    "3",
    "--json",
    ...more,
  ];
  const { error, stdout, stderr } = spawnSync(
    "sh",
    ["-c", '"$@"; times >&2', "sh", process.execPath, ...fit],
    { encoding: "utf8" },
  );
  if (error) throw error;
  const seconds = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stderr);
  if (!stdout.trim() || !seconds) throw new Error(`fit failed: ${stderr}`);
  const [, userMinutes, user, systemMinutes, system] = seconds.map(Number);
  return { fit: JSON.parse(stdout), coreSeconds: 60 * (userMinutes + systemMinutes) + user + system };
}
