import { cliText } from "./run-study.mjs";

/** Replicates of exactly specified fits, whose slopes the joint claims are about: fixed before the run. */
export const EXACT_REPLICATES = 120;
/** Replicates of all fits, added in rounds over all studies. */
export const ROUNDS = [4, 8, 12, 20, 30, 40];

/** What `--set` needs to leave only a study's fits with the fewest atoms, the exactly specified ones of these studies.
 *  @param {{fit: string, k: number}[]} designs as `validate --json` lists them, in the order of the file
 *  @returns {string[]} */
export function exactOnly(designs) {
  const fits = [...new Set(designs.map(({ fit }) => fit))];
  const least = Math.min(...designs.map(({ k }) => k));
  return fits.map((_, i) => (fits[0] === "fit" ? `fit.atoms=${least}` : `fit[${i}].atoms=${least}`));
}

/** Designs of a study. @param {string} study @returns {{fit: string, k: number}[]} */
export function designsOf(study) {
  return JSON.parse(cliText(["validate", study, "--json"])).designs;
}

/** Milliseconds that a study may take in a round: an equal share of what is left, so that one slow study does not take the others' time.
 *  @param {number} left milliseconds @param {number} studies */
export function timeShare(left, studies) {
  return Math.max(20_000, Math.min(left, left / studies));
}
