import { alignedTable } from "../command-line/print-result.ts";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { openResults } from "../open-results.ts";
import { formatDuration, plural } from "../progress/format.ts";
import type { StudyStatus } from "../store/read-status.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates status FILE`. */
export const status: Verb = {
  name: "status",
  summary: "how far a study is, design point by design point, also while it runs",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [jsonOption],
  examples: [
    {
      command: "moe-rates status quickstart.duckdb",
      does: "replicates done, certified and failed, and the runs so far",
    },
  ],
  async run(terminal, given) {
    const results = await openResults(given.positionals[0] ?? "", terminal);
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
    run.started,
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
