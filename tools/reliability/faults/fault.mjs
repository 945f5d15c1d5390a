/** What every fault shares. */
import { fileURLToPath } from "node:url";
import { compareWithReference } from "../compare-stores.mjs";
import { runCommand } from "../run-command.mjs";

/**
 * @typedef {{ facts: string, skip?: undefined } | { skip: string, facts?: undefined }} Held what was seen, or why nothing was tried
 * @typedef {{ name: string, inject: (folder: string) => Promise<Held> }} Fault `inject` throws when a promise is broken.
 */

/** @param {unknown} holds @param {string} promise @param {unknown} [facts] @returns {asserts holds} */
export function hold(holds, promise, facts) {
  if (!holds) throw new Error(`${promise}; got ${JSON.stringify(facts ?? null).slice(0, 1500)}`);
}

/** An expert that goes wrong on order. */
export const faultyExpert = fileURLToPath(new URL("../faulty-expert.mjs", import.meta.url));

/** Runs a study to its end in a file of its own, as the one to compare with. @param {string} study @param {string} file @param {{ cwd: string, env?: Record<string, string> }} options @param {readonly string[]} [more] */
export async function uninterrupted(study, file, options, more = []) {
  const { code, err } = await runCommand(["run", study, "--out", file, "--threads", "2", ...more], options);
  hold(code === 0, "the uninterrupted run ends well", err);
  return file;
}

/** Throws unless both files hold the same results. @param {string} file @param {string} reference */
export async function holdEqual(file, reference) {
  const found = await compareWithReference(file, reference);
  hold(
    found.foreign + found.missing + found.twice + found.torn === 0,
    "the file equals the uninterrupted run",
    found,
  );
  return found.replicates;
}

/** Rows of a query of the command. @param {string} file @param {string} sql @param {string} cwd */
export async function queried(file, sql, cwd) {
  const { code, out, err } = await runCommand(["query", file, sql, "--json"], { cwd });
  hold(code === 0, "the file can be queried", err);
  return JSON.parse(out);
}
