import { formatProblem } from "@moe-rates/study";
import { shellWord } from "../command-line/shell-word.ts";
import { jsonOption } from "../command-line/options.ts";
import type { ParsedArguments } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError, exitCodes } from "../input-error.ts";
import { loadStudy } from "../load-study.ts";
import { formatDuration, plural } from "../progress/format.ts";
import { writePlot } from "../report/terminal-plot.ts";
import { runStudy } from "../run-study.ts";
import type { Elsewhere } from "../run-study.ts";
import { parseShard } from "../shard/parse-shard.ts";
import type { RunSummary } from "../run-summary.ts";
import { isTerminal, paint, printable, writeLine } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { passwordOptions } from "./queue-options.ts";
import { runPlan } from "./run-plan.ts";
import { runShard } from "./run-shard.ts";
import { targetText } from "./target-text.ts";
import { rateTableText } from "./rates.ts";
import { studyOptions, studyRequest, threadsOption, workerOptions } from "./study-options.ts";

/** `moe-rates run STUDY`. */
export const run: Verb = {
  name: "run",
  summary: "run a study, or continue it where it stopped",
  details:
    "Every replicate is committed to the database within a second of its end; the run may be killed at any time and the same command continues.\n" +
    "With replicates: {target: ...} rounds add replicates until the precision is met; exit code 4 when the most replicates do not reach it.\n" +
    "Added sample sizes, replicates, fits and losses extend the same file. Results do not depend on --threads.",
  positionals: [{ name: "STUDY", description: "study file (YAML or JSON)" }],
  options: [
    {
      flag: "out",
      value: "FILE",
      description: "database to write (default <name>.duckdb in the working directory)",
    },
    {
      flag: "shard",
      value: "i/N",
      description:
        "run part i of N (from 1) into a Parquet file (default <name>.shard-i-of-N.parquet), for moe-rates merge",
    },
    {
      flag: "queue",
      value: "URL",
      description: "let moe-rates worker processes fit, over Redis or Valkey: redis://HOST:PORT or rediss://",
    },
    {
      flag: "after",
      value: "FILE",
      description:
        "with --shard, of a study with a target: a part of the round that the merged rows of FILE decide",
    },
    ...passwordOptions,
    threadsOption,
    ...studyOptions,
    ...workerOptions,
    { flag: "retry-failed", description: "run failed replicates of the file again" },
    { flag: "watch", description: "serve the report on this machine (127.0.0.1) while the study runs" },
    {
      flag: "port",
      value: "N",
      kind: "integer",
      min: 0,
      max: 65_535,
      description: "port of --watch (default: a free one)",
    },
    jsonOption,
  ],
  examples: [
    { command: "moe-rates run study.yaml", does: "runs on all cores into <name>.duckdb, prints the rates" },
    {
      command: "moe-rates run study.yaml --set design.replicates=100",
      does: "adds replicates to the same file",
    },
    {
      command: "moe-rates run study.yaml --out results/a.duckdb --threads 4",
      does: "another file, four threads",
    },
    {
      command: "moe-rates run study.yaml --shard 3/20 --out shards/3.parquet",
      does: "a twentieth of the study, on any machine; moe-rates merge puts them together",
    },
    {
      command: "moe-rates run study.yaml --shard 3/20 --after study.duckdb",
      does: "the same of the next round of a study with a target, once study.duckdb has all rows of the round before",
    },
    {
      command: "moe-rates run study.yaml --queue redis://10.0.0.5:6379",
      does: "fitted by every moe-rates worker --queue of that server",
    },
    {
      command: "moe-rates run study.yaml --watch",
      does: "the report as a live page; its address is printed",
    },
  ],
  async run(terminal, given) {
    const shard = given.text("shard");
    if (shard !== undefined) return runShard(terminal, given, parseShard(shard));
    if (given.has("after")) throw new InputError("--after belongs to --shard i/N, which is missing");
    const loaded = await loadStudy(studyRequest(terminal, given));
    for (const warning of loaded.warnings)
      terminal.stderr.write(
        `${paint(terminal, "yellow", "warning:")} ${printable(formatProblem(warning))}\n`,
      );
    const shownOut = given.text("out") ?? `${loaded.study.name}.duckdb`;
    const plan = runPlan(terminal, given, loaded, shownOut);
    const queued = await queuedRun(terminal, given, plan.timeLimit);
    const summary = await runStudy(terminal, {
      ...plan,
      ...(queued && { elsewhere: queued, threads: 0 }),
      ...watchPort(given),
    });
    await writeLine(
      terminal.stdout,
      given.has("json") ? summaryJson(shownOut, summary) : summaryText(terminal, shownOut, summary),
    );
    if (!given.has("json") && isTerminal(terminal.stdout)) await writePlot(terminal, summary.lines);
    if (!given.has("json")) await writeLine(terminal.stdout, nextSteps(shownOut));
    if (summary.failed + summary.lostLosses.length > 0) return exitCodes.failedReplicates;
    return summary.targets.some(({ state }) => state === "capped") ? exitCodes.targetNotMet : exitCodes.ok;
  },
};

/** Refuses what has no meaning without workers of one's own, reaches the server, and says what each worker did when the run ends. */
async function queuedRun(
  terminal: Terminal,
  given: ParsedArguments,
  timeLimit: number,
): Promise<Elsewhere | null> {
  if (!given.has("queue")) {
    for (const { flag } of passwordOptions)
      if (given.has(flag)) throw new InputError(`--${flag} belongs to --queue, which is missing`);
    return null;
  }
  for (const flag of ["threads", "isolation"])
    if (given.has(flag))
      throw new InputError(`--${flag} belongs to moe-rates worker; leave it out with --queue`);
  if (given.has("plugin"))
    throw new InputError("--plugin: a queue carries no plugins; use moe-rates run --shard on each machine");
  const { queueWorkers } = await import("../queue/queue-workers.ts");
  return queueWorkers(terminal, given, timeLimit);
}

function watchPort(given: ParsedArguments): { watchPort?: number } {
  const port = given.number("port");
  if (given.has("watch")) return { watchPort: port ?? 0 };
  if (port !== undefined) throw new InputError("--port belongs to --watch, which is missing");
  return {};
}

function summaryJson(
  database: string,
  { status, rates, added, failed, failures, lostLosses, targets, elapsedMs, mainThread }: RunSummary,
): string {
  const { study, planned, done, certified } = status;
  return JSON.stringify(
    {
      database,
      study,
      planned,
      done,
      certified,
      failed,
      failures,
      lostLosses,
      targets,
      added,
      elapsedMs,
      mainThread,
      rates,
    },
    null,
    2,
  );
}

/** Failures named one by one on the terminal; the others are in the table. */
const mostShown = 3;

function summaryText(
  terminal: Terminal,
  database: string,
  { status, rates, added, failed, failures, lostLosses, targets, elapsedMs }: RunSummary,
): string {
  const counts = `${plural(added, "replicate")} in ${formatDuration(elapsedMs)}; ${status.done} of ${status.planned} done, ${status.certified} certified, ${failed} failed`;
  terminal.stderr.write(`${paint(terminal, failed > 0 ? "yellow" : "green", counts)}\n`);
  for (const lost of lostLosses.slice(0, mostShown)) terminal.stderr.write(`losses not computed: ${lost}\n`);
  const commands = failures
    .slice(0, mostShown)
    .map((one) => `failed (${one.kind}): ${one.replay.replace("FILE", database)}`);
  const all = failed > 0 ? [`failures: moe-rates query ${database} "SELECT * FROM failures"`] : [];
  return [
    rateTableText(rates, null),
    "",
    ...targets.map(targetText),
    ...commands,
    ...all,
    `database: ${database}`,
  ].join("\n");
}

/** What to do with the results of a run. */
function nextSteps(database: string): string {
  const file = shellWord(database);
  return [
    "next:",
    `  npx moe-rates report ${file}         writes a page with verdicts, figures and certificates, to open in a browser`,
    `  npx moe-rates rates ${file} --why    gives the reason of every verdict`,
  ].join("\n");
}
