import { existsSync } from "node:fs";
import { cliText } from "./run-study.mjs";

/** @typedef {{statement: string, source: string, scope: string, verdict: string, reason: string}} Judged
 *  @typedef {{study: string, fit: string, k: number, quantity: string, slope: number, ci: [number, number] | null, sizes: number, replicates: number,
 *    certifiedShare: number, local: boolean, profile: string, published: Judged | null, audited: Judged | null}} Claim */

/** One row per prediction of a study's database: slopes of medians over all fits, beside the noise-free exponent.
 *  @param {string} study @param {string} database
 *  @param {ReturnType<typeof import("./run-study.mjs").cachedProfile>} profile
 *  @returns {Claim[]} */
export function claimsOf(study, database, profile) {
  if (!existsSync(database)) return [];
  /** @type {any[]} */
  const rows = JSON.parse(cliText(["rates", database, "--json"]));
  return rows
    .filter(({ statistic, fits }) => statistic === "median" && fits === "all")
    .filter(({ published, audited, slope }) => (published ?? audited) && slope !== null)
    .map((row) => ({
      study,
      fit: row.fit,
      k: row.k,
      quantity: row.component === "total" ? row.loss : `${row.loss} ${row.component}`,
      slope: row.slope,
      ci: row.ci,
      sizes: row.sizes,
      replicates: row.replicates,
      certifiedShare: row.certifiedShare,
      local: row.local,
      profile: profileOf(profile, row),
      published: row.published,
      audited: row.audited,
    }));
}

/** @param {ReturnType<typeof import("./run-study.mjs").cachedProfile>} profile @param {{k: number, loss: string, component: string}} row */
function profileOf(profile, { k, loss, component }) {
  const entry = profile?.find(({ atoms }) => atoms === k);
  const names = component === "total" ? [loss] : [`${loss}/${component}`, `${loss} ${component}`, component];
  const found = entry?.quantities.find(({ quantity }) => names.includes(quantity));
  if (!found) return "";
  return found.exponent === null ? found.verdict : `ε^${found.exponent.toFixed(2)}`;
}
