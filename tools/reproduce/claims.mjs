import { existsSync } from "node:fs";
import { cliText } from "./run-study.mjs";

/** @typedef {{statement: string, source: string, scope: string, verdict: string, reason: string, kind: string, exponent: number | null}} Judged
 *  @typedef {{study: string, design: string, fit: string, k: number, loss: string, component: string, quantity: string, slope: number, ci: [number, number] | null, sizes: number, replicates: number,
 *    certifiedShare: number, local: boolean, profile: string, upper: {slope: number, ci: [number, number] | null} | null, published: Judged | null, audited: Judged | null}} Claim
 *  @typedef {ReturnType<typeof import("./run-study.mjs").cachedProfile>} Profile */

/** One row per prediction of a study's database: slopes of medians over all fits, beside the noise-free exponent; `upper` is that of the 90 % quantile.
 *  @param {string} study @param {string} database @param {Profile} profile
 *  @returns {Claim[]} */
export function claimsOf(study, database, profile) {
  if (!existsSync(database)) return [];
  const all = ratesOf(database);
  const rows = all.filter(({ statistic }) => statistic === "median");
  const upper = new Map(
    all.filter(({ statistic }) => statistic === "q0.9").map((row) => [seriesOf(row), row]),
  );
  const least = Math.min(...rows.map(({ k }) => k));
  return rows
    .filter(({ published, audited, slope }) => (published ?? audited) && slope !== null)
    .map((row) => ({
      study,
      design: row.design,
      fit: row.fit,
      k: row.k,
      loss: row.loss,
      component: row.component,
      quantity: row.component === "total" ? row.loss : `${row.loss} ${row.component}`,
      slope: row.slope,
      ci: row.ci,
      sizes: row.sizes,
      replicates: row.replicates,
      certifiedShare: row.certifiedShare,
      local: row.local,
      upper: upperOf(upper.get(seriesOf(row))),
      profile: profileOf(profile?.[row.k - least], row),
      published: row.published,
      audited: row.audited,
    }));
}

/** Intervals of the same slopes at another level.
 *  @param {readonly Claim[]} claims @param {(study: string) => string} databaseOf @param {number} level
 *  @returns {{claim: Claim, ci: [number, number] | null, fewest: number}[]} `fewest`: replicates of the size that has the fewest */
export function intervalsAt(claims, databaseOf, level) {
  const studies = new Map(
    [...new Set(claims.map(({ study }) => study))].map((study) => [study, ratesOf(databaseOf(study), level)]),
  );
  const fewest = new Map([...studies.keys()].flatMap((study) => fewestReplicates(databaseOf(study))));
  return claims.map((claim) => {
    const row = studies
      .get(claim.study)
      ?.find(
        ({ statistic, design, loss, component }) =>
          statistic === "median" &&
          design === claim.design &&
          loss === claim.loss &&
          component === claim.component,
      );
    return { claim, ci: row?.ci ?? null, fewest: fewest.get(claim.design) ?? claim.replicates };
  });
}

/** Replicates of the size with the fewest, by design. @param {string} database @returns {[string, number][]} */
function fewestReplicates(database) {
  const sql =
    "SELECT design, min(count) AS fewest FROM (SELECT design, design_point, count(*) AS count FROM replicates JOIN design_points USING (design_point) GROUP BY ALL) GROUP BY ALL";
  /** @type {any[]} */
  const rows = JSON.parse(cliText(["query", database, sql, "--json"]));
  return rows.map(({ design, fewest }) => [design, Number(fewest)]);
}

/** @param {string} database @returns {any[]} */
function ratesOf(database, level = 0.95) {
  const options = ["--quantiles", "0.9", "--level", String(level)];
  /** @type {any[]} */
  const rows = JSON.parse(cliText(["rates", database, "--json", ...options]));
  return rows.filter(({ fits }) => fits === "all");
}

/** @param {{design: string, loss: string, component: string}} row */
function seriesOf({ design, loss, component }) {
  return JSON.stringify([design, loss, component]);
}

/** @param {{slope: number | null, ci: [number, number] | null} | undefined} row */
function upperOf(row) {
  return row === undefined || row.slope === null ? null : { slope: row.slope, ci: row.ci };
}

/** Noise-free exponents are listed by atoms, from k* on; a hierarchical model has as many more as it has groups.
 *  @param {NonNullable<Profile>[number] | undefined} entry @param {{loss: string, component: string}} row */
function profileOf(entry, { loss, component }) {
  const names = component === "total" ? [loss] : [`${loss}/${component}`, `${loss} ${component}`, component];
  const found = entry?.quantities.find(({ quantity }) => names.includes(quantity));
  if (!found) return "";
  return found.exponent === null ? found.verdict : `ε^${found.exponent.toFixed(2)}`;
}
