#!/usr/bin/env node
/** Single-start fits of our optimiser with the best kernels against MINPACK from scipy with an analytic vectorised Jacobian, on identical data and
 *  starts, one core each. Every round is a data set of its own; times are CPU seconds of a whole fit, from plain arrays to the minimiser, and the
 *  two programs take turns. Prints a Markdown table. Needs built packages and python3 with numpy and scipy.
 *
 *  node tools/bench/fits-against-scipy.mjs [--rounds 5] [--exact 1000,10000,100000] [--over 1000,10000] [--seed 1] */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSolver, mixtureProblem } from "../../packages/estimators/dist/index.js";
import { bestKernels, kernelHash } from "../../packages/kernels/dist/index.js";
import {
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
} from "../../packages/mixture/dist/index.js";
import { csvOf, drawDataSet, modelWith, noise } from "../trials/over-specified-set.mjs";
import { nearTruthStart, splitTruthStart } from "../trials/well-placed-starts.mjs";
import { minpackMissing, runMinpack } from "./scipy/run-minpack.mjs";
import { stream } from "../../packages/math/dist/index.js";

/** @typedef {import("./scipy/run-minpack.mjs").Atom} Atom
 *  @typedef {{seconds: number, sse: number, converged: boolean, iterations: number}} Outcome summed times and iterations over starts, lowest sum of squares */

const box = 1000;
/** Our fits are repeated until they fill this many seconds, so that the clock's grain does not matter, after as many untimed ones as a worker
 *  needs to have compiled everything; MINPACK's take the median of three runs from a single start, one run from each of many. */
const leastSeconds = 0.05;
const warmUpSeconds = 0.3;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    exact: { type: "string", default: "1000,10000,100000" },
    over: { type: "string", default: "1000,10000" },
    seed: { type: "string", default: "1" },
  },
});
const [rounds, seed] = [values.rounds, values.seed].map(Number);
const sizes = (/** @type {string} */ list) => list.split(",").filter(Boolean).map(Number);

/** @param {number[]} list */
const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** CPU seconds of `work`, the mean over as many runs as fill `enough` seconds; its last value.
 *  @template Value @param {() => Value} work @param {number} enough @returns {{seconds: number, value: Value}} */
function timed(work, enough) {
  const begun = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    const value = work();
    const { user, system } = process.cpuUsage(begun);
    const seconds = (user + system) * 1e-6;
    if (seconds >= enough) return { seconds: seconds / runs, value };
  }
}

/** @param {import("../trials/over-specified-set.mjs").DataSet} set @param {Atom[][]} starts @returns {Outcome} */
function ours({ n, x, y }, starts) {
  const model = modelWith(starts[0].length);
  const kernels = bestKernels(dataDoubles(n, 2, false) + objectiveDoubles(model, 3) + 64);
  const mark = kernels.memory.mark();
  const fits = starts.map((start, index) => {
    const fit = () => {
      kernels.memory.release(mark);
      const objective = createObjective(
        model,
        loadData(kernels, { x, y, inputDim: 2, normalised: false }),
        kernels,
      );
      return createSolver(mixtureProblem(objective, box)).solve(model.pack(start));
    };
    if (index === 0) timed(fit, warmUpSeconds);
    return timed(fit, leastSeconds);
  });
  return {
    seconds: fits.reduce((sum, { seconds }) => sum + seconds, 0),
    sse: Math.min(...fits.map(({ value }) => value.sse)),
    converged: fits.every(({ value }) => value.status === "converged" || value.status === "no-progress"),
    iterations: fits.reduce((sum, { value }) => sum + value.iterations, 0),
  };
}

/** @param {string} data @param {Atom[][]} starts @returns {Outcome} */
function scipy(data, starts) {
  const { fits } = runMinpack({ data, starts, rounds: starts.length > 1 ? 1 : 3 });
  return {
    seconds: fits.reduce((sum, { seconds }) => sum + median(seconds), 0),
    sse: Math.min(...fits.map(({ sse }) => sse)),
    converged: fits.every(({ info }) => info >= 1 && info <= 4),
    iterations: fits.reduce((sum, { jacobians }) => sum + jacobians, 0),
  };
}

/** One line of the table.
 *  @param {string} folder @param {string} what @param {number} n
 *  @param {(set: import("../trials/over-specified-set.mjs").DataSet, random: import("../../packages/math/dist/index.js").Stream) => Atom[][]} startsOf */
function compare(folder, what, n, startsOf) {
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
  const milliseconds = (/** @type {"mine" | "theirs"} */ who) =>
    (1e3 * median(results.map((one) => one[who].seconds))).toPrecision(3);
  const iterations = (/** @type {"mine" | "theirs"} */ who) =>
    median(results.map((one) => one[who].iterations));
  const converged = (/** @type {"mine" | "theirs"} */ who) =>
    results.filter((one) => one[who].converged).length;
  const ratios = results.map(({ ratio }) => ratio);
  const differences = results.map(({ difference }) => difference);
  const cells = [
    what,
    n,
    milliseconds("mine"),
    milliseconds("theirs"),
    `**${median(ratios).toFixed(1)}** (${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)})`,
    `${iterations("mine")} / ${iterations("theirs")}`,
    `${converged("mine")} / ${converged("theirs")} of ${rounds}`,
    `${median(differences).toExponential(1)} (${Math.min(...differences).toExponential(1)} to ${Math.max(...differences).toExponential(1)})`,
  ];
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

function main() {
  const missing = minpackMissing();
  if (missing) {
    process.stdout.write(`nothing compared: ${missing}\n`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "fits-against-scipy-"));
  try {
    const set = drawDataSet(seed, 0, 10);
    const data = join(folder, "data.csv");
    writeFileSync(data, csvOf(set));
    const { versions } = runMinpack({ data, starts: [] });
    const software = Object.entries(versions).map((pair) => pair.join(" "));
    process.stdout.write(
      `${cpus()[0].model}, Node ${process.version}, ${kernelHash("simd")}, ${software.join(", ")}; ${rounds} data sets a line, medians\n\n`,
    );
    const head = [
      "fit",
      "n",
      "ours, ms",
      "scipy, ms",
      "ratio (range)",
      "iterations, ours / scipy",
      "converged, ours / scipy",
      "sum of squares, ours - scipy, noise variances",
    ];
    process.stdout.write(`| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}\n`);
    for (const n of sizes(values.exact))
      compare(folder, "exactly specified, one start", n, (set, random) => [
        nearTruthStart(set.truth, 0.1, random),
      ]);
    for (const n of sizes(values.over)) {
      compare(folder, "over-specified, best of 8 starts", n, (set, random) =>
        Array.from({ length: 8 }, (_, i) =>
          splitTruthStart(set.truth, i % 2, [0.1, 0.3, 0.7][i % 3], random),
        ),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
