import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @typedef {Record<string, number | number[]>} Atom
 *  @typedef {{atoms: Atom[], sse: number, info: number, evaluations: number, jacobians: number, seconds: number[]}} MinpackFit
 *  @typedef {{data: string, starts: Atom[][], rounds?: number, tolerance?: number, budget?: number, truth?: Atom[]}} MinpackRequest
 *  @typedef {{versions: Record<string, string>, sseTruth: number | null, fits: MinpackFit[]}} MinpackAnswer */

const script = fileURLToPath(new URL("minpack_fits.py", import.meta.url));
const oneCore = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Why MINPACK cannot be run here, or null.
 *  @returns {string | null} */
export function minpackMissing() {
  const { error, status, stderr } = spawnSync("python3", ["-c", "import numpy, scipy.optimize"], {
    encoding: "utf8",
  });
  if (error) return `python3 is not there (${error.message})`;
  return status === 0 ? null : `python3 has no numpy and scipy (${stderr.trim().split("\n").at(-1)})`;
}

/** MINPACK fits of a CSV file from given starts, on one core; the format is described in minpack_fits.py. Throws what Python said.
 *  @param {MinpackRequest} request
 *  @returns {MinpackAnswer} */
export function runMinpack(request) {
  const { error, status, stdout, stderr } = spawnSync("python3", [script], {
    input: JSON.stringify(request),
    encoding: "utf8",
    env: { ...process.env, ...oneCore },
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`minpack_fits.py failed: ${stderr}`);
  return JSON.parse(stdout);
}
