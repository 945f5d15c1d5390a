import { availableParallelism } from "node:os";
import { alignedTable } from "../command-line/print-result.ts";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { engineNamed } from "../engines.ts";
import { exitCodes } from "../input-error.ts";
import { loadStudy } from "../load-study.ts";
import { bytesPerReplicate } from "../plan/bytes-per-replicate.ts";
import { forecastPoints, forecastSlopes } from "../plan/forecast.ts";
import type { PointForecast, SlopeForecast } from "../plan/forecast.ts";
import { runPilot } from "../plan/run-pilot.ts";
import { formatDuration, plural } from "../progress/format.ts";
import { writeLine } from "../terminal.ts";
import { studyOptions, studyRequest, threadsOption } from "./study-options.ts";

interface Plan {
  readonly study: string;
  readonly threads: number;
  readonly replicates: number;
  readonly cpuMs: number;
  /** All cores busy: CPU time over threads, and at least the longest replicate. */
  readonly wallMs: number;
  readonly bytesPerReplicate: number | null;
  readonly bytes: number | null;
  readonly points: readonly PointForecast[];
  readonly slopes: readonly SlopeForecast[];
}

/** `moe-rates plan STUDY`. */
export const plan: Verb = {
  name: "plan",
  summary: "pilot a study: time, disk and the width of the intervals to expect",
  details:
    "Runs a few replicates at the smallest sample sizes, as far as --budget goes, and writes no results. Times of larger sizes are the cost model's, scaled by the pilot. The expected half-width of a slope takes every replicate's log loss to vary alike at every size; its range is that of the pilot's few replicates.\n" +
    "needed is the number of replicates per sample size that would bring the half-width to the study's target, or to 0.05 without one.",
  positionals: [{ name: "STUDY", description: "study file (YAML or JSON)" }],
  options: [
    threadsOption,
    ...studyOptions,
    {
      flag: "pilot",
      value: "R",
      kind: "integer",
      min: 3,
      max: 1000,
      description: "replicates at each piloted design point (default 6)",
    },
    {
      flag: "budget",
      value: "SECONDS",
      kind: "number",
      min: 0,
      max: 86_400,
      description: "core-seconds for the pilot, by the cost model (default 20)",
    },
    jsonOption,
  ],
  examples: [
    { command: "moe-rates plan study.yaml", does: "how long, how much disk, how wide the intervals" },
    {
      command: "moe-rates plan study.yaml --set design.replicates=200 --threads 16",
      does: "the same for more replicates on another machine like this",
    },
    { command: "moe-rates plan study.yaml --pilot 20 --json", does: "a better pilot, as JSON" },
  ],
  async run(terminal, given) {
    const loaded = await loadStudy(studyRequest(terminal, given));
    const threads = given.number("threads") ?? availableParallelism();
    const pilot = await runPilot({
      loaded,
      threads,
      engine: engineNamed(given.text("engine")),
      workerFile: new URL("../worker.js", import.meta.url),
      replicates: given.number("pilot") ?? 6,
      budgetSeconds: given.number("budget") ?? 20,
      signal: terminal.signal,
    });
    const points = forecastPoints(loaded, pilot);
    const replicates = points.reduce((sum, point) => sum + point.replicates, 0);
    const cpuMs = points.reduce((sum, point) => sum + point.replicates * point.msEach, 0);
    const each = await bytesPerReplicate(pilot);
    const result: Plan = {
      study: loaded.study.name,
      threads,
      replicates,
      cpuMs,
      wallMs: Math.max(cpuMs / threads, ...points.map(({ msEach }) => msEach)),
      bytesPerReplicate: each,
      bytes: each === null ? null : Math.round(each * replicates),
      points,
      slopes: forecastSlopes(loaded, pilot),
    };
    await writeLine(
      terminal.stdout,
      given.has("json")
        ? JSON.stringify(result, null, 2)
        : planText(result, loaded.study.target !== undefined),
    );
    return exitCodes.ok;
  },
};

function planText(plan: Plan, targeted: boolean): string {
  const disk = plan.bytes === null ? "" : `, ${formatBytes(plan.bytes)} of disk`;
  const first = targeted ? " in the first round" : "";
  return [
    `${plan.study}: ${plural(plan.replicates, "replicate")}${first}, about ${formatDuration(plan.wallMs)} on ${plural(plan.threads, "thread")} (${formatDuration(plan.cpuMs)} of one core)${disk}`,
    "",
    alignedTable(
      ["fit", "k", "n", "replicates", "time each", "in all", "piloted", "certified"],
      plan.points.map((point) => [
        point.fit,
        point.k,
        point.n,
        point.replicates,
        formatDuration(point.msEach),
        formatDuration(point.msEach * point.replicates),
        point.piloted === 0 ? "-" : point.piloted,
        point.certifiedShare === null ? "-" : `${Math.floor(100 * point.certifiedShare)} %`,
      ]),
    ),
    "",
    alignedTable(
      [
        "fit",
        "k",
        "loss",
        "component",
        "statistic",
        "half-width of the slope",
        "range",
        "asked",
        "replicates needed",
      ],
      plan.slopes.map((slope) => [
        slope.fit,
        slope.k,
        slope.loss,
        slope.component,
        slope.statistic,
        slope.expected === null ? "-" : slope.expected.halfWidth.toFixed(3),
        slope.expected === null ? "-" : `[${slope.expected.range.map((one) => one.toFixed(3)).join(", ")}]`,
        slope.halfWidthAsked,
        slope.needed === null ? "-" : slope.needed,
      ]),
    ),
  ].join("\n");
}

function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
