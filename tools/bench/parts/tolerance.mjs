/** The stopping rule: what solving on with tighter tolerances changes, design by design. */
import { globalDesigns, refitTighter } from "../../trials/tolerance-study.mjs";
import { cpuSeconds, median } from "../statistics.mjs";

/** @typedef {import("../../trials/tolerance-study.mjs").Refit} Refit */

const names = [
  "quickstart",
  "softmax-tanh-bias",
  "softmax-linear",
  "sigmoid-tanh",
  "wide-tanh",
  "theorem-2-softmax-scaled-tanh",
  "theorem-3-linear-router",
  "theorem-4-tanh-router",
  "theorem-5-hierarchical-tanh",
  "theorem-6-hierarchical-linear",
  "sigmoid-1-relu",
  "sigmoid-1-linear",
];
/** CPU seconds of a row after which no further replicate is begun. */
const enough = 60;
const factors = [100, 1000, 10_000];

/** @type {import("../parts.mjs").RunPart} */
export const run = toleranceOf(names);

/** The table of some shipped studies.
 *  @param {readonly string[]} studies @returns {import("../parts.mjs").RunPart} */
export function toleranceOf(studies) {
  return (report, setting) => measure(studies, report, setting);
}

/** @param {readonly string[]} studies @param {Parameters<import("../parts.mjs").RunPart>[0]} report @param {import("../parts.mjs").Setting} setting */
function measure(studies, report, { quick, rounds }) {
  const replicates = rounds ?? (quick ? 1 : 6);
  const table = report.table(
    `Fits of shipped studies (default policy, up to ${replicates} replicates per size) solved on from their returned optimum with tolerances ${factors.map((factor) => factor.toLocaleString("en-US")).join(", ")} times tighter: the largest change of a loss relative to itself, in %, over all three. \`flat\`: fits with directions along which the sum of squares does not curve; where the loss sees them it is not identified.`,
    [
      "study",
      "k",
      "n",
      "fits (certified)",
      "largest change, %",
      "median change, %",
      "over 1 %",
      "flat",
      "largest change of flat fits, %",
      "flat and over 1 %",
      "most changed part of a loss, %",
      "fall of S, noise variances",
    ],
  );
  for (const name of quick ? ["quickstart"] : studies) {
    const { study, designs } = globalDesigns(name);
    const sizes = quick ? [300] : [study.sampleSizes[1], study.sampleSizes[study.sampleSizes.length - 2]];
    for (const design of designs) for (const n of sizes) row(name, study, design, n);
  }

  /** @param {string} name @param {ReturnType<typeof globalDesigns>["study"]} study @param {ReturnType<typeof globalDesigns>["designs"][0]} design @param {number} n */
  function row(name, study, design, n) {
    /** @type {Refit[]} */
    const fits = [];
    const begun = cpuSeconds();
    for (let replicate = 0; replicate < replicates && cpuSeconds() - begun < enough; replicate++) {
      const one = refitTighter(study, design, n, replicate, factors);
      if (one !== null) fits.push(one);
    }
    if (fits.length === 0) return;
    const changes = fits.map(({ flat, further }) => ({
      flat: flat > 0,
      total: Math.max(...further.map(({ total }) => total)),
      part: further.reduce((most, one) => (one.component > most.component ? one : most)),
      fall: Math.max(...further.map(({ sse }) => sse)),
    }));
    const [curved, flat] = [false, true].map((wanted) =>
      changes.filter((one) => one.flat === wanted).map(({ total }) => total),
    );
    const over = (/** @type {number[]} */ list) =>
      `${list.filter((change) => change > 0.01).length} of ${list.length}`;
    const { part } = changes.reduce((most, one) => (one.part.component > most.part.component ? one : most));
    table.row(
      name,
      design.fit.atoms,
      n.toLocaleString("en-US"),
      `${fits.length} (${fits.filter(({ certified }) => certified).length})`,
      curved.length > 0 ? percent(Math.max(...curved)) : "",
      curved.length > 0 ? percent(median(curved)) : "",
      over(curved),
      flat.length,
      flat.length > 0 ? percent(Math.max(...flat)) : "",
      flat.length > 0 ? over(flat) : "",
      `${percent(part.component)} (${part.worst})`,
      Math.max(...changes.map(({ fall }) => fall)).toExponential(1),
    );
  }
}

/** @param {number} share */
function percent(share) {
  return share === 0 ? "0" : Number((100 * share).toPrecision(2)).toString();
}
