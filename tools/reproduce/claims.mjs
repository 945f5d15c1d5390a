import { existsSync } from "node:fs";
import { cliText } from "./run-study.mjs";

/** @typedef {{statement: string, source: string, scope: string, verdict: string, reason: string, kind: string, exponent: number | null}} Judged
 *  @typedef {{study: string, design: string, fit: string, k: number, loss: string, component: string, quantity: string, slope: number, ci: [number, number] | null, sizes: number, replicates: number,
 *    certifiedShare: number, local: boolean, profile: string, published: Judged | null, audited: Judged | null}} Claim
 *  @typedef {ReturnType<typeof import("./run-study.mjs").cachedProfile>} Profile */

/** One row per prediction of a study's database: slopes of medians over all fits, beside the noise-free exponent.
 *  @param {string} study @param {string} database @param {Profile} profile
 *  @returns {Claim[]} */
export function claimsOf(study, database, profile) {
  if (!existsSync(database)) return [];
  const rows = medians(database);
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
    [...new Set(claims.map(({ study }) => study))].map((study) => [study, medians(databaseOf(study), level)]),
  );
  const fewest = new Map([...studies.keys()].flatMap((study) => fewestReplicates(databaseOf(study))));
  return claims.map((claim) => {
    const row = studies
      .get(claim.study)
      ?.find(
        ({ design, loss, component }) =>
          design === claim.design && loss === claim.loss && component === claim.component,
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
function medians(database, level = 0.95) {
  /** @type {any[]} */
  const rows = JSON.parse(cliText(["rates", database, "--json", "--level", String(level)]));
  return rows.filter(({ statistic, fits }) => statistic === "median" && fits === "all");
}

/** Noise-free exponents are listed by atoms, from k* on; a hierarchical model has as many more as it has groups.
 *  @param {NonNullable<Profile>[number] | undefined} entry @param {{loss: string, component: string}} row */
function profileOf(entry, { loss, component }) {
  const names = component === "total" ? [loss] : [`${loss}/${component}`, `${loss} ${component}`, component];
  const found = entry?.quantities.find(({ quantity }) => names.includes(quantity));
  if (!found) return "";
  return found.exponent === null ? found.verdict : `ε^${found.exponent.toFixed(2)}`;
}
