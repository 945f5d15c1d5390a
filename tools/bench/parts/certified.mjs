/** Certified global over-specified fits (k = 3, default policy): versions take turns on the same data sets, each in a process of its own, and
 *  MINPACK starts a dozen times from well-placed points of a few of them. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { csvOf } from "../../trials/over-specified-set.mjs";
import { designs, drawFrom, modelsOf, noiseSd } from "../../trials/two-designs.mjs";
import { wellPlacedStarts } from "../../trials/well-placed-starts.mjs";
import { minpackMissing, runMinpack } from "../scipy/run-minpack.mjs";
import { digits, median, medianAndRange } from "../statistics.mjs";

/** @typedef {{set: number, sse: number, certified: boolean, cpuMs: number, starts: number}} Fit
 *  @typedef {import("../report.mjs").Measured} Measured
 *  @typedef {keyof typeof designs} DesignName */

const program = fileURLToPath(new URL("../certified-fits.mjs", import.meta.url));
const noise = noiseSd ** 2;
/** CPU seconds after which a MINPACK fit is given up. */
const budget = 4;
const minpackSets = 5;

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
  /** @type {{name: DesignName, n: number, fits: Fit[]}[]} */
  const own = [];
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
      own.push({ name, n, fits: all[0].fits });
    }
  }
  againstMinpack(report, own, quick);
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

/** @param {Parameters<import("../parts.mjs").RunPart>[0]} report @param {{name: DesignName, n: number, fits: Fit[]}[]} own @param {boolean} quick */
function againstMinpack(report, own, quick) {
  const missing = minpackMissing();
  if (missing) return report.skip(`MINPACK: ${missing}`);
  const table = report.table(
    `A certified global fit against MINPACK's best of 12 starts (nine near the truth with an atom split, three from clusters), one core each, medians over ${quick ? 1 : minpackSets} data sets.`,
    [
      "design",
      "n",
      "ours, CPU s",
      "MINPACK, CPU s",
      "MINPACK / ours (range)",
      "given up",
      "ours lower",
      "ours higher",
    ],
  );
  const folder = mkdtempSync(join(tmpdir(), "certified-against-minpack-"));
  try {
    for (const { name, n, fits } of own.filter(({ name }) => name === "second")) {
      const design = designs[name];
      const truth = modelsOf(design)(2);
      let [givenUp, lower, higher] = [0, 0, 0];
      const pairs = fits.slice(0, minpackSets).map(({ set, sse, cpuMs }) => {
        const { x, y } = drawFrom(design, truth, n, ["certified-fits", name, n, set]);
        const drawn = { truth: /** @type {any} */ (design.atoms), n, x, y };
        const data = join(folder, "data.csv");
        writeFileSync(data, csvOf(drawn));
        const starts = startsLike(design, wellPlacedStarts(drawn, 1, set)).slice(0, quick ? 2 : 12);
        const theirs = runMinpack({ data, starts, budget }).fits;
        givenUp += theirs.filter(({ info }) => info === 0).length;
        const difference = (sse - Math.min(...theirs.map((one) => one.sse))) / noise;
        if (difference < -0.01) lower++;
        if (difference > 0.01) higher++;
        return { ours: cpuMs / 1e3, theirs: theirs.reduce((sum, { seconds }) => sum + seconds[0], 0) };
      });
      const ratios = pairs.map(({ ours, theirs }) => theirs / ours);
      table.row(
        name,
        n.toLocaleString("en-US"),
        digits(median(pairs.map(({ ours }) => ours))),
        digits(median(pairs.map(({ theirs }) => theirs))),
        `**${digits(median(ratios))}** (${digits(Math.min(...ratios))} to ${digits(Math.max(...ratios))})`,
        `${givenUp} of ${pairs.length * (quick ? 2 : 12)}`,
        `${lower} of ${pairs.length}`,
        `${higher} of ${pairs.length}`,
      );
    }
    table.note(
      `\`ours lower\`: by more than 0.01 noise variances than the best MINPACK start. A MINPACK fit is given up after ${budget} CPU seconds and counts with its time and best point: a lower bound of the ratio. MINPACK certifies nothing and knows no box.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Starts in the parameters of a design: without a bias where its experts have none.
 *  @param {import("../../trials/two-designs.mjs").Design} design @param {import("../scipy/run-minpack.mjs").Atom[][]} starts */
function startsLike({ expert }, starts) {
  if (expert.bias !== false) return starts;
  return starts.map((atoms) => atoms.map(({ b: _, ...atom }) => atom));
}
