/** Certified global over-specified fits (k = 3, default policy): versions take turns on the same data sets, each in a process of its own. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { noiseSd } from "../../trials/two-designs.mjs";
import { digits, median, medianAndRange } from "../statistics.mjs";

/** @typedef {{set: number, sse: number, certified: boolean, cpuMs: number, starts: number}} Fit
 *  @typedef {keyof typeof import("../../trials/two-designs.mjs").designs} DesignName */

const program = fileURLToPath(new URL("../certified-fits.mjs", import.meta.url));
const noise = noiseSd ** 2;

/** @type {import("../parts.mjs").RunPart} */
export async function run(report, { quick, rounds, checkouts }) {
  const versions = { now: null, ...checkouts };
  const sizes = quick ? [{ n: 400, sets: 1 }] : [10_000, 100_000].map((n) => ({ n, sets: rounds ?? 20 }));
  const table = report.table(
    "Certified global fits, k = 3, default policy, box 10, each version on the same data sets in turns; CPU time of a fit, medians. `worse`: data sets with a sum of squares above the lowest of all versions by more than 0.01 noise variances.",
    [
      "design",
      "n",
      "version",
      "certified",
      "CPU ms (range)",
      "certified per core-second",
      "times the others",
      "starts",
      "worse",
    ],
  );
  /** @type {DesignName[]} */
  const names = quick ? ["second"] : ["second", "primary"];
  for (const name of names) {
    for (const { n, sets } of sizes) {
      const all = await inTurns(name, n, sets, versions);
      const lowest = all[0].fits.map((_, i) => Math.min(...all.map(({ fits }) => fits[i].sse)));
      const rates = all.map(({ fits }) => perCoreSecond(fits));
      all.forEach(({ version, fits }, v) => {
        const worse = fits.filter(({ sse }, i) => sse - lowest[i] > 0.01 * noise).length;
        table.row(
          name,
          n.toLocaleString("en-US"),
          version,
          `${fits.filter(({ certified }) => certified).length} of ${sets}`,
          medianAndRange(fits.map(({ cpuMs }) => cpuMs)),
          digits(rates[v]),
          v > 0 || all.length < 2
            ? ""
            : rates
                .slice(1)
                .map((rate) => digits(rates[0] / rate))
                .join(", "),
          median(fits.map(({ starts }) => starts)),
          `${worse} of ${sets}`,
        );
      });
    }
  }
}

/** @param {Fit[]} fits */
function perCoreSecond(fits) {
  const seconds = fits.reduce((sum, { cpuMs }) => sum + cpuMs / 1e3, 0);
  return fits.filter(({ certified }) => certified).length / seconds;
}

/** Fits of every version, one data set after the other. A process fits the data set after the last one first, to warm up.
 *  @param {DesignName} design @param {number} n @param {number} sets @param {Record<string, string | null>} versions */
async function inTurns(design, n, sets, versions) {
  const workers = Object.entries(versions).map(([version, checkout]) => {
    const child = spawn(
      process.execPath,
      [program, String(n), "--design", design, ...(checkout === null ? [] : ["--checkout", checkout])],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    /** @param {number} set @returns {Promise<Fit>} */
    const fit = async (set) => {
      child.stdin.write(`${set}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${version} ended on data set ${set} of the ${design} design, n = ${n}`);
      return JSON.parse(value);
    };
    return { version, child, fit, fits: /** @type {Fit[]} */ ([]) };
  });
  try {
    for (const { fit } of workers) await fit(sets);
    for (let set = 0; set < sets; set++) for (const { fit, fits } of workers) fits.push(await fit(set));
  } finally {
    for (const { child } of workers) child.stdin.end();
  }
  return workers;
}
