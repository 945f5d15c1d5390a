/** Fits of our optimiser with the best kernels against MINPACK from scipy with an analytic vectorised Jacobian, on identical data and starts, one
 *  core each. Every round is a data set of its own; times are CPU seconds of a whole fit, from plain arrays to the minimiser, and the two programs
 *  take turns. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStagedSolver, roughDoubles } from "../../../packages/estimators/dist/index.js";
import { bestKernels } from "../../../packages/kernels/dist/index.js";
import {
  dataDoubles,
  loadData,
  objectiveDoubles,
  overwriteData,
} from "../../../packages/mixture/dist/index.js";
import { csvOf, drawDataSet, modelWith, noise } from "../../trials/over-specified-set.mjs";
import { nearTruthStart, splitTruthStart } from "../../trials/well-placed-starts.mjs";
import { minpackMissing, runMinpack } from "../scipy/run-minpack.mjs";
import { stream } from "../../../packages/math/dist/index.js";
import { cpuSeconds, digits, median } from "../statistics.mjs";

/** @typedef {import("../scipy/run-minpack.mjs").Atom} Atom
 *  @typedef {{seconds: number, sse: number, converged: boolean, givenUp: number, evaluations: number}} Outcome summed times and passes over all data, lowest sum of squares */

const box = 1000;
/** Our fits are repeated until they fill this many seconds, so that the clock's grain does not matter, after as many untimed ones as a worker
 *  needs to have compiled everything; MINPACK's take the median of nine runs from a single start, of which the first two are slow, one run from each of
 *  many. Our solver and its memory are bound once per size, as for the replicates of a study; reading a sample in is part of its fit. */
const leastSeconds = 0.2;
const warmUpSeconds = 1;

/** CPU seconds after which a MINPACK fit of many is given up: its best point so far counts, and its time. */
const budget = 20;
const seed = 1;

/** CPU seconds of `work`, the mean over as many runs as fill `enough` seconds; its last value.
 *  @template Value @param {() => Value} work @param {number} enough @returns {{seconds: number, value: Value}} */
function timed(work, enough) {
  const begun = cpuSeconds();
  for (let runs = 1; ; runs++) {
    const value = work();
    const seconds = cpuSeconds() - begun;
    if (seconds >= enough) return { seconds: seconds / runs, value };
  }
}

/** @param {import("../../trials/over-specified-set.mjs").DataSet} set @param {Atom[][]} starts @returns {Outcome} */
function ours({ n, x, y }, starts) {
  const model = modelWith(starts[0].length);
  const data = { x, y, inputDim: 2, normalised: false };
  const rough = roughDoubles(n, 2, model.parameterCount, false);
  const kernels = bestKernels(dataDoubles(n, 2, false) + rough + 3 * objectiveDoubles(model, 3) + 64);
  const blocks = loadData(kernels, data);
  const solver = createStagedSolver({ kernels, model, box, blocks, x, y });
  const points = starts.map((start) => model.pack(start));
  const fit = () => {
    overwriteData(kernels, blocks, data);
    solver.refill(x, y);
    return points.length === 1 ? solver.solve(points[0]) : solver.solveBest(points);
  };
  timed(fit, warmUpSeconds);
  const { seconds, value } = timed(fit, leastSeconds);
  return {
    seconds,
    sse: value.sse,
    givenUp: 0,
    converged: value.status === "converged" || value.status === "no-progress",
    evaluations: value.evaluations,
  };
}

/** @param {string} data @param {Atom[][]} starts @returns {Outcome} */
function scipy(data, starts) {
  const { fits } = runMinpack({
    data,
    starts,
    ...(starts.length > 1 ? { budget } : { rounds: 9 }),
  });
  return {
    seconds: fits.reduce((sum, { seconds }) => sum + median(seconds), 0),
    sse: Math.min(...fits.map(({ sse }) => sse)),
    givenUp: fits.filter(({ info }) => info === 0).length,
    converged: fits.every(({ info }) => info >= 1 && info <= 4),
    evaluations: fits.reduce((sum, { evaluations }) => sum + evaluations, 0),
  };
}

/** @typedef {ReturnType<ReturnType<typeof import("../report.mjs").createReport>["table"]>} PrintedTable
 *  @typedef {import("../../trials/over-specified-set.mjs").DataSet} DataSet
 *  @typedef {(set: DataSet, random: import("../../../packages/math/dist/index.js").Stream) => Atom[][]} StartsOf */

/** One row of the table.
 *  @param {PrintedTable} table @param {string} folder @param {string} what @param {number} n @param {number} rounds @param {StartsOf} startsOf */
function compare(table, folder, what, n, rounds, startsOf) {
  const data = join(folder, "data.csv");
  const results = Array.from({ length: rounds }, (_, round) => {
    const set = drawDataSet(seed, round, n);
    writeFileSync(data, csvOf(set));
    const starts = startsOf(set, stream("fits against scipy", seed, round, what));
    const [mine, theirs] = [ours(set, starts), scipy(data, starts)];
    return {
      mine,
      theirs,
      ratio: theirs.seconds / mine.seconds,
      difference: (mine.sse - theirs.sse) / noise ** 2,
    };
  });
  const of = (/** @type {"mine" | "theirs"} */ who, /** @type {"seconds" | "sse" | "evaluations"} */ key) =>
    median(results.map((one) => one[who][key]));
  const converged = (/** @type {"mine" | "theirs"} */ who) =>
    results.filter((one) => one[who].converged).length;
  const ratios = results.map(({ ratio }) => ratio);
  const differences = results.map(({ difference }) => difference);
  const givenUp = results.reduce((sum, { theirs }) => sum + theirs.givenUp, 0);
  table.row(
    what,
    n.toLocaleString("en-US"),
    digits(1e3 * of("mine", "seconds")),
    `${digits(1e3 * of("theirs", "seconds"))}${givenUp > 0 ? ` (${givenUp} fits given up)` : ""}`,
    `**${digits(median(ratios))}** (${digits(Math.min(...ratios))} to ${digits(Math.max(...ratios))})`,
    `${of("mine", "evaluations")} / ${of("theirs", "evaluations")}`,
    `${converged("mine")} / ${converged("theirs")} of ${rounds}`,
    `${(of("mine", "sse") / noise ** 2).toFixed(3)} / ${(of("theirs", "sse") / noise ** 2).toFixed(3)}`,
    `${median(differences).toExponential(1)} (${Math.min(...differences).toExponential(1)} to ${Math.max(...differences).toExponential(1)})`,
  );
}

/** @type {import("../parts.mjs").RunPart} */
export function run(report, { quick, rounds: asked }) {
  const missing = minpackMissing();
  if (missing) return report.skip(`fits against scipy: ${missing}`);
  const rounds = asked ?? (quick ? 1 : 5);
  const folder = mkdtempSync(join(tmpdir(), "fits-against-scipy-"));
  try {
    const data = join(folder, "data.csv");
    writeFileSync(data, csvOf(drawDataSet(seed, 0, 10)));
    for (const [name, version] of Object.entries(runMinpack({ data, starts: [] }).versions))
      report.uses(`${name} ${version}`);
    const table = report.table(
      `Softmax gates, tanh experts with bias, two inputs, two true atoms; identical data and starts, one core each, CPU time, medians over ${rounds} data sets.`,
      [
        "fit",
        "n",
        "ours, ms",
        "scipy, ms",
        "scipy / ours (range)",
        "passes over all data, ours / scipy",
        "converged, ours / scipy",
        "sum of squares, ours / scipy, noise variances",
        "difference of the two (range)",
      ],
    );
    for (const n of quick ? [300] : [1000, 10_000, 100_000])
      compare(table, folder, "exactly specified, one start", n, rounds, (set, random) => [
        nearTruthStart(set.truth, 0.1, random),
      ]);
    for (const n of quick ? [300] : [1000, 10_000, 100_000])
      compare(table, folder, `over-specified, best of ${quick ? 2 : 8} starts`, n, rounds, (set, random) =>
        Array.from({ length: quick ? 2 : 8 }, (_, i) =>
          splitTruthStart(set.truth, i % 2, [0.1, 0.3, 0.7][i % 3], random),
        ),
      );
    table.note(
      `MINPACK runs at tolerances of 1e-12, for 5,000 evaluations and, one of many starts, ${budget} CPU seconds at most; a fit that is given up counts with its time and its best point, which makes the ratio a lower bound.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
