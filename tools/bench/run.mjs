#!/usr/bin/env node
/** The benchmarks: prints the tables of the parts as they are measured, then writes them, with the plot of the cost curve, into
 *  docs/performance.md (the text around the tables stays).
 *    npm run bench -- [PART ...] [--quick] [--rounds N] [--checkout NAME=DIR ...] [--out docs]
 *  Without a PART all of them, an hour or more. --quick: one tiny size per part, numbers of no value. --checkout: a built older version for the
 *  parts that compare. --out: a folder for performance.md and figures/ (quick runs write nothing without it). */
import { fork } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nearestWord } from "../../packages/math/dist/index.js";
import { machineLine } from "./machine.mjs";
import { parts } from "./parts.mjs";
import { writePerformancePage } from "./performance-page.mjs";

/** @typedef {import("./report.mjs").Measured} Measured */

const docs = fileURLToPath(new URL("../../docs", import.meta.url));

/** @param {string[]} argv @returns {Promise<number>} the exit code */
async function main(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      checkout: { type: "string", multiple: true, default: [] },
      out: { type: "string" },
    },
  });
  const known = parts.map(({ name }) => name);
  for (const name of positionals) {
    if (known.includes(name)) continue;
    const near = nearestWord(name, known);
    throw new UsageError(
      `unknown part "${name}"; known: ${known.join(", ")}${near ? `; did you mean ${near}?` : ""}`,
    );
  }
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isSafeInteger(rounds) && rounds > 0))
    throw new UsageError(`--rounds ${values.rounds}: a whole number from 1 on is allowed`);
  const checkouts = Object.fromEntries(
    values.checkout.map((one) => {
      const [name, directory] = one.split("=");
      if (!directory) throw new UsageError(`--checkout ${one}: NAME=DIRECTORY is expected`);
      return [name, resolve(directory)];
    }),
  );
  const out = values.out ?? (values.quick ? null : docs);
  const chosen = parts.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const machine = machineLine();
  process.stdout.write(`${machine}\n`);
  const words = argv.map((one) => one.replace(/=.*/, "=DIRECTORY"));
  const command = ["npm run bench", ...(words.length > 0 ? ["--", ...words] : [])].join(" ");
  /** @type {Map<string, Measured>} */
  const measured = new Map();
  const failed = [];
  for (const { name, says } of chosen) {
    process.stdout.write(`\n${name}: ${says}\n`);
    const result = await runPart(name, { quick: values.quick, rounds, checkouts });
    if (result === null) failed.push(name);
    else measured.set(name, result);
  }
  if (out !== null) {
    const written = writePerformancePage(resolve(out), measured, { machine, command });
    process.stdout.write(`\nwrote ${written.join(", ")}\n`);
  }
  if (failed.length > 0) process.stderr.write(`failed: ${failed.join(", ")}\n`);
  return failed.length > 0 ? 1 : 0;
}

/** What a part measured, or null when it failed.
 *  @param {string} name @param {import("./parts.mjs").Setting} setting
 *  @returns {Promise<Measured | null>} */
function runPart(name, setting) {
  return new Promise((done) => {
    /** @type {Measured | null} */
    let measured = null;
    const child = fork(fileURLToPath(new URL("part-process.mjs", import.meta.url)), [
      name,
      JSON.stringify(setting),
    ]);
    child.on("message", (message) => (measured = /** @type {Measured} */ (message)));
    child.on("error", (error) => process.stderr.write(`${name}: ${error.message}\n`));
    child.on("close", (code) => done(code === 0 ? measured : null));
  });
}

/** Bad options: exit code 2. */
class UsageError extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError || String(Object(error).code).startsWith("ERR_PARSE_ARGS");
  if (!usage) throw error;
  process.stderr.write(`bench: ${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 2;
}
