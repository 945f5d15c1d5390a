#!/usr/bin/env node
/** Holds `moe-rates fit` with default settings against the best of a dozen well-placed MINPACK starts, on over-specified data: two true atoms,
 *  three fitted, softmax gates, tanh experts with bias. Every data set is a function of --seed and its index. Exit code 1 when a fit is worse by
 *  more than 0.01 noise variances or not certified. Needs built packages and python3 with numpy and scipy.
 *
 *  node tools/trials/fit-against-minpack.mjs [--sets 20] [--first 0] [--seed 1] [--n 4000] [--keep DIR] [--print] [-- options for fit]
 *  --keep DIR   keeps per data set: .csv, .truth.json, .minpack.json (best atoms, input of fit --start), .fit.json; failures are kept in any case
 *  --print      prints data set --first as CSV and stops */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { minpackMissing, runMinpack } from "../bench/scipy/run-minpack.mjs";
import { csvOf, drawDataSet, noise } from "./over-specified-set.mjs";
import { runFit } from "./run-fit.mjs";
import { wellPlacedStarts } from "./well-placed-starts.mjs";

const slack = 0.01;
const box = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sets: { type: "string", default: "20" },
    first: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    n: { type: "string", default: "4000" },
    keep: { type: "string" },
    print: { type: "boolean", default: false },
  },
});
const [sets, first, seed, n] = [values.sets, values.first, values.seed, values.n].map(Number);

if (values.print) process.stdout.write(csvOf(drawDataSet(seed, first, n)));
else {
  const missing = minpackMissing();
  if (missing) process.stdout.write(`nothing compared: ${missing}\n`);
  else process.exitCode = compareAll();
}

function compareAll() {
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), "fit-against-minpack-"));
  mkdirSync(folder, { recursive: true });
  const head = [
    "set",
    "fit",
    "MINPACK",
    "fit - MINPACK",
    "MINPACK starts at best",
    "certified",
    "reachedBest",
    "fit core-s",
    "MINPACK core-s",
    "remark",
  ];
  process.stdout.write(`Sums of squares in noise variances, less the truth's; seed ${seed}, n = ${n}\n\n`);
  process.stdout.write(`| ${head.join(" | ")} |\n|${" --- |".repeat(head.length)}\n`);
  const results = Array.from({ length: sets }, (_, i) => compare(folder, first + i));
  const failed = results.filter(({ failed }) => failed);
  const total = (/** @type {"fitSeconds" | "minpackSeconds"} */ key) =>
    results.reduce((sum, one) => sum + one[key], 0).toFixed(1);
  const worst = Math.max(...results.map(({ difference }) => difference));
  process.stdout.write(
    `\n${sets - failed.length} of ${sets} data sets: no worse than MINPACK by more than ${slack} noise variances, and certified. ` +
      `Largest difference ${worst.toFixed(4)}; better than MINPACK by more than ${slack}: ${results.filter(({ difference }) => difference < -slack).length}. ` +
      `Core-seconds: fit ${total("fitSeconds")}, MINPACK ${total("minpackSeconds")}.\n`,
  );
  if (failed.length > 0)
    process.stdout.write(`Failed: ${failed.map(({ name }) => join(folder, `${name}.csv`)).join(", ")}\n`);
  else if (values.keep === undefined) rmSync(folder, { recursive: true });
  return failed.length > 0 ? 1 : 0;
}

/** @param {string} folder @param {number} index */
function compare(folder, index) {
  const name = `seed-${seed}-set-${index}`;
  const file = (/** @type {string} */ ending) => join(folder, `${name}.${ending}`);
  const set = drawDataSet(seed, index, n);
  writeFileSync(file("csv"), csvOf(set));
  const { fit, coreSeconds } = runFit(file("csv"), positionals);
  const { fits, sseTruth } = runMinpack({
    data: file("csv"),
    starts: wellPlacedStarts(set, seed, index),
    truth: set.truth,
  });
  const best = fits.reduce((low, one) => (one.sse < low.sse ? one : low));
  const variance = noise ** 2;
  const difference = (fit.sse - best.sse) / variance;
  const largest = Math.max(...best.atoms.flatMap((atom) => Object.values(atom).flat()).map(Math.abs));
  const minpackSeconds = fits.reduce((sum, { seconds }) => sum + seconds[0], 0);
  const failed = !(difference <= slack) || !fit.certified;
  for (const [ending, content] of Object.entries({
    "truth.json": set.truth,
    "minpack.json": best.atoms,
    "fit.json": fit,
  })) {
    writeFileSync(file(ending), `${JSON.stringify(content, null, 1)}\n`);
  }
  if (!failed && values.keep === undefined) {
    for (const ending of ["csv", "truth.json", "minpack.json", "fit.json"]) rmSync(file(ending));
  }
  const remarks = [
    failed ? "FAILED" : "",
    ...fit.certificate.reasons,
    fit.certificate.activeBounds.length > 0 ? `fit at ${fit.certificate.activeBounds.join(", ")}` : "",
    largest > box ? `MINPACK left the box (${largest.toExponential(1)})` : "",
  ];
  const cells = [
    index,
    ((fit.sse - Number(sseTruth)) / variance).toFixed(3),
    ((best.sse - Number(sseTruth)) / variance).toFixed(3),
    difference.toFixed(4),
    `${fits.filter(({ sse }) => sse - best.sse <= slack * variance).length}/${fits.length}`,
    fit.certified ? "yes" : "no",
    `${fit.certificate.reachedBest}/${fit.starts}`,
    coreSeconds.toFixed(2),
    minpackSeconds.toFixed(2),
    remarks.filter(Boolean).join("; "),
  ];
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
  return { name, failed, difference, fitSeconds: coreSeconds, minpackSeconds };
}
