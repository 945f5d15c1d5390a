import { statSync } from "node:fs";
import { resolve } from "node:path";
import { alignedTable } from "../command-line/print-result.ts";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { openResults } from "../open-results.ts";
import { formatDuration, plural } from "../progress/format.ts";
import { readArrayStatus } from "../scale-out/shard-states.ts";
import type { ArrayStatus } from "../scale-out/shard-states.ts";
import { readSubmission } from "../scale-out/submission.ts";
import type { StudyStatus } from "../store/read-status.ts";
import { writeLine } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";

/** `moe-rates status FILE`. */
export const status: Verb = {
  name: "status",
  summary: "how far a study is, design point by design point, also while it runs",
  positionals: [
    {
      name: "FILE",
      description: "database of a study, or the folder of moe-rates submit slurm: shard by shard",
    },
  ],
  options: [jsonOption],
  examples: [
    {
      command: "moe-rates status quickstart.duckdb",
      does: "replicates done, certified and failed, and the runs so far",
    },
    { command: "moe-rates status study.slurm", does: "the shards of an array job and their tasks" },
  ],
  async run(terminal, given) {
    const file = given.positionals[0] ?? "";
    if (statSync(resolve(terminal.cwd, file), { throwIfNoEntry: false })?.isDirectory() === true)
      return folderStatus(terminal, file, given.has("json"));
    const results = await openResults(file, terminal);
    try {
      const report = await results.status();
      await writeLine(
        terminal.stdout,
        given.has("json") ? JSON.stringify(report, null, 2) : statusText(report),
      );
      return 0;
    } finally {
      results.close();
    }
  },
};

async function folderStatus(terminal: Terminal, shown: string, json: boolean): Promise<number> {
  const folder = resolve(terminal.cwd, shown);
  const submission = readSubmission(folder);
  if (submission === null)
    throw new InputError(
      `${shown}: nothing was submitted from this folder; moe-rates submit slurm --go does`,
    );
  const report = await readArrayStatus(terminal, folder, submission);
  await writeLine(terminal.stdout, json ? JSON.stringify(report, null, 2) : arrayStatusText(report));
  return 0;
}

/** The status of an array of shards as text: a sentence, and the shards that are not complete. */
export function arrayStatusText({ study, planned, done, shards }: ArrayStatus): string {
  const states = [...new Set(shards.map(({ state }) => state))].map(
    (state) => `${shards.filter((one) => one.state === state).length} ${state}`,
  );
  const open = shards.filter(({ state }) => state !== "complete");
  const rows = open.map((one) => [
    one.shard,
    one.state,
    one.done ?? "?",
    one.task ?? "-",
    one.taskState ?? "-",
  ]);
  return [
    `${study}: ${plural(done, "replicate")} of ${planned} done; ${plural(shards.length, "shard")}: ${states.join(", ")}`,
    ...(rows.length === 0 ? [] : ["", alignedTable(["shard", "state", "done", "task", "Slurm"], rows)]),
  ].join("\n");
}

/** The status as text: a sentence, the design points, the runs. */
export function statusText(report: StudyStatus): string {
  const head = ["fit", "k", "n", "done", "planned", "certified", "failed", "beaten", "time each"];
  const points = report.points.map((point) => [
    point.fit,
    point.k,
    point.n,
    point.done,
    point.planned,
    point.certified,
    point.failed,
    point.audited === 0 ? "-" : `${point.beaten}/${point.audited}`,
    point.wallMs === null ? "-" : formatDuration(point.wallMs),
  ]);
  const runs = report.runs.map((run) => [
    run.run,
    run.started.slice(0, 19),
    runOutcome(report, run.outcome),
    run.version,
    run.engine,
    run.threads,
  ]);
  return [
    `${report.study}: ${plural(report.done, "replicate")} of ${report.planned} done, ${report.certified} certified, ${report.failed} failed`,
    ...runningText(report),
    "",
    alignedTable(head, points),
    "",
    alignedTable(["run", "started (UTC)", "outcome", "version", "engine", "threads"], runs),
  ].join("\n");
}

function runningText({ running }: StudyStatus): string[] {
  if (running === null) return [];
  const left = running.remainingMs === null ? "" : `, ${formatDuration(running.remainingMs)} left`;
  return [
    `running in process ${running.pid}: ${Math.floor(100 * running.share)} % of this run, ${running.perSecond.toFixed(1)} replicates/s${left}`,
  ];
}

function runOutcome(report: StudyStatus, outcome: string): string {
  return outcome === "running" && report.running === null ? "killed" : outcome;
}
