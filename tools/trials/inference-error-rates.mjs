#!/usr/bin/env node
/** How often the further inferences on a rate are right, over synthetic studies with known answers: the curvature test, the burn-in, the choice of laws, the
 *  planner of sample sizes and the ratio of sample sizes. Needs built packages: node tools/trials/inference-error-rates.mjs [studies per line, 1000] */
import {
  burnIn,
  compareFits,
  curvature,
  decayChoice,
  neededSampleSize,
  rememberCounts,
  resampledSeries,
  seriesSample,
} from "../../packages/rates/dist/index.js";
import { logSizes, syntheticStudy } from "./synthetic-study.mjs";

const studies = Number(process.argv[2] ?? 1000);
const countsFor = rememberCounts();
/** @param {string} what @param {number} hits @param {number} of */
const print = (what, hits, of = studies) => {
  const share = hits / of;
  console.log(`${what}: ${share.toFixed(3)} +- ${Math.sqrt((share * (1 - share)) / of).toFixed(3)}`);
};

/** @typedef {import("../../packages/rates/dist/index.js").SeriesSample} Sample */
/** Losses height(n) exp(spread z) of one synthetic study. @param {string} key @param {number} study @param {number[]} sizes @param {number} spread @param {(n: number) => number} height @returns {Sample} */
function sampleOf(key, study, sizes, spread, height) {
  const columns = syntheticStudy({
    law: "skewed",
    sizes,
    replicates: 40,
    nested: true,
    key: ["errors", key, study],
    slope: 0,
  });
  const points = columns.points.map((point) => ({
    ...point,
    values: point.values.map((value) => height(point.n) * (value ?? NaN) ** spread),
  }));
  return seriesSample({ ...columns, points }, "all");
}

const seven = logSizes(7, 64e3);
const decades = logSizes(13, 1e7);

for (const statistic of /** @type {const} */ (["mean", "median"])) {
  let [bent, whole] = [0, 0];
  for (let study = 0; study < studies; study++) {
    const series = resampledSeries(
      sampleOf("power", study, seven, 1, (n) => n ** -0.5),
      statistic,
      countsFor(40),
    );
    if ((curvature(series).pValue ?? 1) < 0.05) bent++;
    if (burnIn(series)?.dropped === 0) whole++;
  }
  print(`power law, ${statistic}: curvature found at the 5 % level`, bent);
  print(`power law, ${statistic}: burn-in keeps every size`, whole);
}

let late = 0;
for (let study = 0; study < studies; study++) {
  const series = resampledSeries(
    sampleOf("late", study, decades, 0.3, (n) => Math.min(0.01, n ** -0.5)),
    "median",
    countsFor(40),
  );
  const from = burnIn(series)?.fromN ?? 0;
  if (from >= 4000 && from <= 50_000) late++;
}
print("flat up to n = 1e4, n^-1/2 from there, 1e3 to 1e7, median: burn-in ends between 4e3 and 5e4", late);

/** @type {[string, number[], number, (n: number) => number][]} */
const laws = [
  ["power n^-1/4", decades, 0.1, (n) => n ** -0.25],
  ["1/log^2 n", decades, 0.1, (n) => Math.log(n) ** -2],
  ["plateau n^-1/2 + 0.005", decades, 0.1, (n) => n ** -0.5 + 0.005],
  ["power n^-1/4, two decades and seven sizes", logSizes(7, 1e5), 1, (n) => n ** -0.25],
  ["1/log^2 n, two decades and seven sizes", logSizes(7, 1e5), 1, (n) => Math.log(n) ** -2],
];
for (const [name, sizes, spread, height] of laws) {
  /** @type {Map<string, number>} */
  const found = new Map();
  const some = Math.min(studies, 400);
  for (let study = 0; study < some; study++) {
    const choice = decayChoice(
      resampledSeries(sampleOf(name, study, sizes, spread, height), "median", countsFor(40)),
    );
    const decided = choice?.decided ?? "undecided";
    found.set(decided, (found.get(decided) ?? 0) + 1);
  }
  console.log(
    `${name}, spread ${spread}, median: ${[...found].map(([law, count]) => `${law} ${(count / some).toFixed(3)}`).join(", ")} (of ${some})`,
  );
}

let [needed, ratio] = [0, 0];
for (let study = 0; study < studies; study++) {
  const a = sampleOf("needed", study, seven, 0.5, (n) => n ** -0.5);
  const { ci } = neededSampleSize(resampledSeries(a, "median", countsFor(40)), 1e-3);
  if (ci !== null && ci[0] <= 1e6 && (ci[1] === null || ci[1] >= 1e6)) needed++;
  const other = sampleOf("other", study, seven, 0.2, () => 1);
  const b = {
    ...a,
    design: "b",
    values: a.values.map((column, p) =>
      column.map((value, slot) => 1.5 * value * (other.values[p]?.[slot] ?? NaN)),
    ),
  };
  const both = compareFits(a, b, "median", countsFor).sampleSizeRatio?.ci;
  if (both && both[0] <= 2.25 && 2.25 <= both[1]) ratio++;
}
print("95 % interval of the n needed for an error, extrapolated from 6.4e4 to 1e6, covers it", needed);
print("95 % interval of the ratio of sample sizes for the same error covers it", ratio);
