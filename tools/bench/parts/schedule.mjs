/** Idle time at the end of a run: studies are run, and the CPU times of their replicates are dealt to workers in the order in which a run hands out
 *  its tasks, every worker taking the next task when it is free. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engines } from "../../../apps/orchestrator/dist/engines.js";
import { loadStudy } from "../../../apps/orchestrator/dist/load-study.js";
import { pendingPoints } from "../../../apps/orchestrator/dist/pool/study-work.js";
import { estimateReplicateMs, replicateTasks } from "../../../packages/study/dist/index.js";
import { digits, median } from "../statistics.mjs";
import { timedCommand } from "../timed-command.mjs";

/** @typedef {{design_point: string, replicate: number, cpu_ms: number}} Timed
 *  @typedef {{cpu: number, designPoint: string}} Job CPU milliseconds of a task */

const studies = fileURLToPath(new URL("../../../apps/orchestrator/studies/", import.meta.url));
const workers = [2, 8, 32];

/** @type {import("../parts.mjs").RunPart} */
export async function run(report, { quick, rounds }) {
  const table = report.table(
    `What workers could do while they wait for the last ones, % of the work: CPU times of some measured replicates stand for all of a study, and its tasks are dealt to ${workers.join(", ")} workers in the run's order of tasks, in the order of the study file, and by the true times, longest first. \`estimate off by\`: the largest factor between a size's median time and its estimate, after scaling all of a study by one number.`,
    [
      "study",
      "measured replicates",
      "tasks",
      "CPU s",
      "estimate off by",
      ...workers.map((count) => `idle with ${count}: run / file / true`),
    ],
  );
  const names = quick
    ? ["quickstart"]
    : ["quickstart", "softmax-tanh-bias", "softmax-linear", "sigmoid-tanh", "theorem-4-tanh-router"];
  for (const name of names) {
    const { pending, jobs, times } = await measuredStudy(
      name,
      rounds ?? (quick ? 2 : 3),
      quick ? ["design.sampleSizes=[200, 400]"] : [],
    );
    const byFile = jobs.toSorted((a, b) => order(pending, a) - order(pending, b));
    const byTime = jobs.toSorted((a, b) => b.cpu - a.cpu);
    table.row(
      name,
      times.length,
      jobs.length,
      digits(jobs.reduce((sum, { cpu }) => sum + cpu, 0) / 1e3),
      digits(largestError(pending, times)),
      ...workers.map((count) =>
        [jobs, byFile, byTime]
          .map((list) => (100 * Math.max(0, idleShare(list, count))).toFixed(1))
          .join(" / "),
      ),
    );
  }
}

/** @param {import("../../../packages/study/dist/index.js").PendingPoint[]} pending @param {Job} job */
function order(pending, job) {
  return pending.findIndex(({ point }) => point.id === job.designPoint);
}

/** Runs some replicates of a study on one thread; its points, all its tasks in a run's order with the times that the measured replicates stand for, in
 *  turn, and the measured times.
 *  @param {string} name @param {number} measured @param {string[]} overrides */
async function measuredStudy(name, measured, overrides) {
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-schedule-"));
  const file = join(studies, `${name}.yaml`);
  const out = join(folder, "study.duckdb");
  try {
    const set = [`design.replicates=${measured}`, ...overrides].flatMap((one) => ["--set", one]);
    await timedCommand(["run", file, "--out", out, "--threads", "1", ...set, "--json"]);
    const query = "SELECT design_point, replicate, cpu_ms FROM replicates";
    /** @type {Timed[]} */
    const times = JSON.parse((await timedCommand(["query", out, query, "--json"])).out);
    const key = (/** @type {string} */ point, /** @type {number} */ replicate) => `${point} ${replicate}`;
    const cpu = new Map(times.map((one) => [key(one.design_point, one.replicate), one.cpu_ms]));
    const loaded = await loadStudy({ file, cwd: folder, overrides, plugins: [], engine: engines[0] });
    const pending = pendingPoints(loaded, null);
    const jobs = [...replicateTasks(pending)].map(({ designPoint, replicates }) => ({
      designPoint,
      cpu: replicates.reduce(
        (sum, replicate) => sum + (cpu.get(key(designPoint, replicate % measured)) ?? NaN),
        0,
      ),
    }));
    return { pending, jobs, times };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Time for which workers have nothing to do before the last one ends, over the time of all tasks, when each takes the next task of the list as
 *  soon as it is free.
 *  @param {readonly Job[]} jobs @param {number} count */
function idleShare(jobs, count) {
  const free = new Float64Array(count);
  for (const { cpu } of jobs) free[free.indexOf(Math.min(...free))] += cpu;
  const total = jobs.reduce((sum, { cpu }) => sum + cpu, 0);
  return (count * Math.max(...free) - total) / total;
}

/** Largest factor between the median measured time of a design point and its estimate, when all estimates are scaled by one number.
 *  @param {import("../../../packages/study/dist/index.js").PendingPoint[]} pending @param {Timed[]} times */
function largestError(pending, times) {
  const logs = pending.map((one) => {
    const own = times.filter(({ design_point }) => design_point === one.point.id);
    return Math.log(median(own.map(({ cpu_ms }) => cpu_ms)) / estimateReplicateMs(one));
  });
  const centre = median(logs);
  return Math.exp(Math.max(...logs.map((value) => Math.abs(value - centre))));
}
