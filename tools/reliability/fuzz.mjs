#!/usr/bin/env node
/** Feeds bad input to the command line: mutated studies, overrides, command lines, CSV and Parquet files, SQL, damaged databases. Every case must end with 0 or with
 *  2 and a message (runs also with 3, failed replicates), without a stack trace, within 2 s of CPU time (4 s where a
 *  replicate with a limit of 2 s is fitted), and with every file as it was.
 *
 *  node tools/reliability/fuzz.mjs [--cases 100000] [--seed 1] [--only NAME]      (needs a build) */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { commandProcess } from "./fuzz/command-process.mjs";
import { fuzzTargets, writeCase } from "./fuzz/targets.mjs";
import { exitOnSignals } from "./run-command.mjs";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
exitOnSignals();
const longestCpuMs = 2000;
/** A case that runs a study may also use the time limit of its one replicate, 2 s. */
const longestRunMs = 2 * longestCpuMs;
const scratch = mkdtempSync(join(tmpdir(), "moe-rates-fuzz-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const folder = join(scratch, "case");
mkdirSync(folder);
const commands = commandProcess(folder);

/** What is wrong with the outcome of a case; null when nothing is.
 *  @param {import("./fuzz/targets.mjs").Case} one @param {import("./fuzz/command-process.mjs").Outcome} outcome */
function wrong(one, { code, out, err, cpuMs }) {
  const allowed = one.runs ? [0, 2, 3] : [0, 2];
  if (code === null || !allowed.includes(code)) return `exit code ${code}`;
  if (/^\s+at .+:\d+:\d+\)?$/m.test(out + err)) return "a stack trace";
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(out + err))
    return "control characters for the terminal";
  if (code === 2 && err.trim() === "" && out.trim() === "") return "no message";
  if (code === 2 && /undefined|\[object |TypeError|Cannot read/.test(err))
    return "a message that names nothing";
  if (cpuMs > (one.runs ? longestRunMs : longestCpuMs)) return `${Math.round(cpuMs)} ms of CPU time`;
  const written = code === 2 ? [] : (one.writes ?? []);
  const left = readdirSync(folder).filter((name) => !(name in one.files) && !written.includes(name));
  if (left.length > 0) return `files left: ${left.join(", ")}`;
  const changed = Object.entries(one.files).filter(
    ([name, content]) => !readFileSync(join(folder, name)).equals(Buffer.from(content)),
  );
  return changed.length > 0 ? `changed: ${changed.map(([name]) => name).join(", ")}` : null;
}

/** Size and time of the last change of a file. @param {string} file */
function stamp(file) {
  const { size, mtimeMs, ctimeMs } = statSync(file);
  return [size, mtimeMs, ctimeMs].join(" ");
}

const started = performance.now();
let total = 0;
for (const { name, share, cases } of await fuzzTargets(join(scratch, "whole"))) {
  if (values.only !== undefined && values.only !== name) continue;
  const numRuns = Math.ceil(share * Number(values.cases));
  /** @type {Record<string, number>} */
  const codes = {};
  let slowest = 0;
  const at = performance.now();
  const property = fc.asyncProperty(cases, async (one) => {
    writeCase(folder, one);
    const before = one.reads === undefined ? "" : stamp(one.reads);
    const outcome = await commands.run(one.args);
    const touched = one.reads !== undefined && stamp(one.reads) !== before;
    const why = touched ? `changed: ${one.reads}` : wrong(one, outcome);
    codes[String(outcome.code)] = (codes[String(outcome.code)] ?? 0) + 1;
    slowest = Math.max(slowest, outcome.cpuMs);
    for (const file of readdirSync(folder)) rmSync(join(folder, file), { recursive: true });
    if (why !== null) throw new Error(`${why}\n${outcome.err.slice(0, 1500)}`);
  });
  const result = await fc.check(property, {
    seed: Number(values.seed),
    numRuns,
    interruptAfterTimeLimit: 3_600_000,
  });
  total += result.numRuns;
  const ended = Object.entries(codes).map(([code, times]) => `${times} x ${code}`);
  process.stdout.write(
    `${name.padEnd(24)} ${String(result.numRuns).padStart(6)} cases, exit codes ${ended.join(", ")}, slowest ${Math.round(slowest)} ms of CPU time, ${Math.round((performance.now() - at) / 1000)} s\n`,
  );
  if (result.failed) {
    const [shrunk] = result.counterexample ?? [];
    process.stdout.write(
      `FAILED (seed ${result.seed}, path ${result.counterexamplePath}): ${String(result.errorInstance)}\n${JSON.stringify(shrunk?.args)}\n${shownFiles(shrunk)}\n`,
    );
    process.exitCode = 1;
  }
}
commands.close();
process.stdout.write(
  `${total} cases, seed ${values.seed}, ${Math.round((performance.now() - started) / 1000)} s\n`,
);

/** @param {import("./fuzz/targets.mjs").Case | undefined} one */
function shownFiles(one) {
  return Object.entries(one?.files ?? {})
    .map(([name, content]) =>
      typeof content === "string"
        ? `${name}:\n${content.slice(0, 3000)}`
        : `${name}: ${content.length} bytes`,
    )
    .join("\n");
}
