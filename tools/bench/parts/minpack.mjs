/** Certified global over-specified fits (second design, k = 3, default policy) against MINPACK's best of a dozen well-placed starts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../../../packages/estimators/dist/index.js";
import { bestKernels } from "../../../packages/kernels/dist/index.js";
import { stream } from "../../../packages/math/dist/index.js";
import { csvOf } from "../../trials/over-specified-set.mjs";
import { designs, drawFrom, inputDim, modelsOf, noiseSd } from "../../trials/two-designs.mjs";
import { wellPlacedStarts } from "../../trials/well-placed-starts.mjs";
import { minpackMissing, runMinpack } from "../scipy/run-minpack.mjs";
import { cpuSeconds, digits, median } from "../statistics.mjs";

/** @typedef {import("../scipy/run-minpack.mjs").Atom} Atom */

const noise = noiseSd ** 2;
const box = 10;
/** CPU seconds after which a MINPACK fit is given up. */
const budget = 4;
const design = designs.second;

/** @type {import("../parts.mjs").RunPart} */
export function run(report, { quick, rounds }) {
  const missing = minpackMissing();
  if (missing) return report.skip(`MINPACK: ${missing}`);
  const sets = rounds ?? (quick ? 1 : 5);
  const starts = quick ? 2 : 12;
  const table = report.table(
    `Second design, k = 3, box ${box}: a certified global fit (default policy) against MINPACK's best of ${starts} starts (nine near the truth with an atom split, three from clusters), one core each, CPU time, medians over ${sets} data sets.`,
    [
      "n",
      "certified",
      "ours, s",
      "MINPACK, s",
      "MINPACK / ours (range)",
      "given up",
      "best in the box",
      "ours lower",
      "ours higher",
    ],
  );
  const folder = mkdtempSync(join(tmpdir(), "certified-against-minpack-"));
  try {
    fitSet(1000, 0);
    for (const n of quick ? [400] : [10_000, 100_000]) {
      const pairs = Array.from({ length: sets }, (_, set) => compareSet(folder, n, set, starts));
      const of = (/** @type {"ours" | "theirs"} */ who) => median(pairs.map((pair) => pair[who]));
      const ratios = pairs.map(({ ours, theirs }) => theirs / ours);
      const inside = pairs.filter((pair) => pair.inside);
      table.row(
        n.toLocaleString("en-US"),
        `${pairs.filter(({ certified }) => certified).length} of ${sets}`,
        digits(of("ours")),
        digits(of("theirs")),
        `**${digits(median(ratios))}** (${digits(Math.min(...ratios))} to ${digits(Math.max(...ratios))})`,
        `${pairs.reduce((sum, { givenUp }) => sum + givenUp, 0)} of ${sets * starts}`,
        `${inside.length} of ${sets}`,
        `${pairs.filter(({ difference }) => difference < -0.01).length} of ${sets}`,
        `${inside.filter(({ difference }) => difference > 0.01).length} of ${inside.length}`,
      );
    }
    table.note(
      `A MINPACK fit is given up after ${budget} CPU seconds and counts with its time and best point: the ratio is a lower bound. MINPACK certifies nothing and knows no box; \`ours higher\` (by more than 0.01 noise variances) counts the data sets on which its best fit lies in the box, \`ours lower\` all.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {number} n @param {number} set */
function fitSet(n, set) {
  const modelWith = modelsOf(design, 3);
  const key = ["certified-fits", "second", n, set];
  const { x, y } = drawFrom(design, modelWith(2), n, key);
  const kernels = bestKernels(globalFitDoubles(n, modelWith(3)));
  const begun = cpuSeconds();
  const { sse, certified } = fitGlobal({
    kernels,
    x,
    y,
    inputDim,
    modelWith,
    atoms: 3,
    box,
    policy: mixedPolicy,
    points: [],
    random: (purpose) => stream(...key, purpose),
  });
  return { x, y, sse, certified, seconds: cpuSeconds() - begun };
}

/** @param {string} folder @param {number} n @param {number} set @param {number} starts */
function compareSet(folder, n, set, starts) {
  const { x, y, sse, certified, seconds } = fitSet(n, set);
  const truth = design.atoms.map((atom) => ({ ...atom, b: Number(atom.b) }));
  const drawn = { truth, n, x, y };
  const data = join(folder, "data.csv");
  writeFileSync(data, csvOf(drawn));
  const { fits } = runMinpack({ data, starts: wellPlacedStarts(drawn, 1, set).slice(0, starts), budget });
  const best = fits.reduce((low, one) => (one.sse < low.sse ? one : low));
  const largest = Math.max(...best.atoms.flatMap((atom) => Object.values(atom).flat()).map(Math.abs));
  return {
    certified,
    ours: seconds,
    theirs: fits.reduce((sum, one) => sum + one.seconds[0], 0),
    givenUp: fits.filter(({ info }) => info === 0).length,
    inside: largest <= box,
    difference: (sse - best.sse) / noise,
  };
}
