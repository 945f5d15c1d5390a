#!/usr/bin/env node
/** Share of 95 % intervals that contain the true slope -1/2, over synthetic studies with known answers: fixed designs, and adaptive ones that
 *  add replicates round by round until the half-width is reached (`nextRound`). One line per case with its Monte Carlo standard error.
 *  Needs built packages: node tools/trials/interval-coverage.mjs [studies per case, 2000] [fixed|adaptive|all] */
import {
  estimateOf,
  nextRound,
  rememberCounts,
  resampledSeries,
  seriesSample,
  slopeOf,
} from "../../packages/rates/dist/index.js";
import { logSizes, syntheticStudy } from "./synthetic-study.mjs";

const studies = Number(process.argv[2] ?? 2000);
const which = process.argv[3] ?? "all";
const countsFor = rememberCounts();
const truth = -0.5;
/** @param {number} hits */
const shown = (hits) => {
  const share = hits / studies;
  return `${share.toFixed(3)} +- ${Math.sqrt((share * (1 - share)) / studies).toFixed(3)}`;
};

/** @typedef {import("../../packages/rates/dist/index.js").Statistic} Statistic */
/** @type {Statistic[]} */
const statistics = ["mean", "median", "q0.9"];
/** @type {[string, boolean, number, number, number][]} */
const cases = [
  ["distance", true, 13, 1e6, 40],
  ["distance", true, 13, 1e6, 20],
  ["distance", true, 7, 64e3, 40],
  ["distance", true, 7, 64e3, 100],
  ["distance", true, 4, 64e3, 40],
  ["distance", false, 7, 64e3, 40],
  ["absolute", true, 7, 64e3, 40],
  ["skewed", true, 7, 64e3, 40],
  ["heavy", true, 7, 64e3, 40],
];

if (which !== "adaptive") {
  console.log("fixed: law, sizes, replicates | " + statistics.join(" | "));
  for (const [law, nested, count, last, replicates] of cases) {
    const hits = statistics.map(() => 0);
    for (let study = 0; study < studies; study++) {
      const sizes = logSizes(count, last);
      const sample = seriesSample(
        syntheticStudy({
          law,
          sizes,
          replicates,
          nested,
          key: ["coverage", law, Number(nested), count, study],
        }),
        "all",
      );
      statistics.forEach((statistic, i) => {
        const { ci } = estimateOf(resampledSeries(sample, statistic, countsFor(replicates)), slopeOf);
        if (ci !== null && ci[0] <= truth && truth <= ci[1]) hits[i]++;
      });
    }
    console.log(
      `${law}, ${count} ${nested ? "nested" : "independent"}, ${replicates} | ${hits.map(shown).join(" | ")}`,
    );
  }
}

/** @type {[string, Statistic, number][]} */
const targets = [
  ["distance", "mean", 0.02],
  ["distance", "median", 0.03],
  ["absolute", "median", 0.08],
  ["skewed", "median", 0.07],
];

if (which !== "fixed") {
  const sizes = logSizes(7, 64e3);
  console.log(
    "adaptive (7 nested sizes, 20 replicates at first, 400 at most): law, statistic, target | coverage | met | mean replicates at the smallest and largest size | rounds",
  );
  for (const [law, statistic, halfWidth] of targets) {
    let [hits, met, rounds, small, large] = [0, 0, 0, 0, 0];
    for (let study = 0; study < studies; study++) {
      const full = syntheticStudy({
        law,
        sizes,
        replicates: 400,
        nested: true,
        key: ["adaptive", law, study],
      });
      let counts = sizes.map(() => 20);
      for (;;) {
        rounds++;
        const sample = seriesSample(firstOf(full, counts), "all");
        const draws = countsFor(sample.replicates.length);
        const decision = nextRound({ sample, statistic, counts, costs: sizes, halfWidth, max: 400 }, draws);
        if (decision.state === "continue") {
          counts = [...decision.counts];
          continue;
        }
        const { ci } = estimateOf(resampledSeries(sample, statistic, draws), slopeOf);
        if (ci !== null && ci[0] <= truth && truth <= ci[1]) hits++;
        if (decision.state === "met") met++;
        break;
      }
      small += counts[0];
      large += counts[counts.length - 1];
    }
    console.log(
      `${law}, ${statistic}, ${halfWidth} | ${shown(hits)} | ${(met / studies).toFixed(3)} | ${(small / studies).toFixed(0)}, ${(large / studies).toFixed(0)} | ${(rounds / studies).toFixed(1)}`,
    );
  }
}

/** The first counts[p] replicates of every size. @param {import("../../packages/rates/dist/index.js").LossColumns} columns @param {readonly number[]} counts */
function firstOf(columns, counts) {
  const points = columns.points.map((point, p) => ({
    ...point,
    replicates: point.replicates.slice(0, counts[p]),
    values: point.values.slice(0, counts[p]),
    certified: point.certified.slice(0, counts[p]),
  }));
  return { ...columns, points };
}
