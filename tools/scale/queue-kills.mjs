#!/usr/bin/env node
/** Kills workers of a job queue with SIGKILL and restarts its server while a study runs, and compares the file with that of a local run, column by
 *  column and bit for bit. Prints the figures as JSON; exit code 1 when the promise is broken. Needs a build and Debian's redis-server.
 *
 *  node tools/scale/queue-kills.mjs [--kills 20] [--restarts 1] [--workers 3] [--replicates 120] */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeSmallStudy } from "../reliability/small-study.mjs";
import { killWorkers } from "./kill-workers.mjs";
import { serverProgram } from "./redis-server.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    restarts: { type: "string", default: "1" },
    workers: { type: "string", default: "3" },
    replicates: { type: "string", default: "120" },
  },
});
if (serverProgram === null) {
  process.stdout.write("skipped: neither redis-server nor valkey-server is installed\n");
  process.exit();
}
const folder = mkdtempSync(join(tmpdir(), "moe-rates-queue-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const study = writeSmallStudy(folder, {
  expert: "{family: ffn, activation: tanh}",
  sizes: [2000, 4000],
  atoms: [2, 3],
  starts: "{random: 12}",
  replicates: Number(values.replicates),
});
const kills = Number(values.kills);
const restarts = Number(values.restarts);
const { err, ...figures } = await killWorkers(folder, study, {
  workers: Number(values.workers),
  kills,
  restarts,
  batchesPerKill: 2,
});
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
const { code, foreign, missing, twice, torn, killed, restarted } = figures;
const asPlanned = code === 0 && killed === kills && restarted === restarts;
if (!asPlanned || foreign + missing + twice + torn > 0) {
  process.stderr.write(`BROKEN: the run on the queue is not the local one\n${err}\n`);
  process.exitCode = 1;
}
