#!/usr/bin/env node
/** Injects faults into real runs of the built command and checks what is promised about each. Prints one line per fault; exit code 1 when a promise is broken.
 *  What needs root or a Debian package that is missing is skipped, with the reason.
 *
 *  node tools/reliability/faults.mjs [--only WORDS]      (needs a build) */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileFaults } from "./faults/file-faults.mjs";
import { processFaults } from "./faults/process-faults.mjs";
import { workerFaults } from "./faults/worker-faults.mjs";
import { exitOnSignals } from "./run-command.mjs";

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
exitOnSignals();
const faults = [...workerFaults, ...processFaults, ...fileFaults].filter(({ name }) =>
  name.includes(values.only),
);
let [held, skipped] = [0, 0];
for (const { name, inject } of faults) {
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-fault-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const started = performance.now();
  try {
    const { skip, facts } = await inject(folder);
    if (skip === undefined) held += 1;
    else skipped += 1;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      skip === undefined ? `held     ${name}: ${facts} (${seconds} s)\n` : `skipped  ${name}: ${skip}\n`,
    );
  } catch (error) {
    process.exitCode = 1;
    process.stdout.write(`BROKEN   ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    process.off("exit", remove);
    remove();
  }
}
process.stdout.write(`${held} of ${faults.length} faults held what is promised, ${skipped} skipped\n`);
