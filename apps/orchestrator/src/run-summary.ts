import { performance } from "node:perf_hooks";
import { readJudgedRates } from "./inference/judged-rates.ts";
import type { JudgedRate, Query } from "./inference/judged-rates.ts";
import type { LoadedStudy } from "./load-study.ts";
import { threadCpuMs } from "./pool/thread-cpu-time.ts";
import type { OpenDatabase } from "./store/duckdb-instance.ts";
import { plotSql, readPlottedLines } from "./report/terminal-plot.ts";
import type { PlottedLine } from "./report/terminal-plot.ts";
import { runQuery } from "./store/query-result.ts";
import { ratesSql, readRates } from "./store/read-rates.ts";
import type { NamedRate } from "./store/read-rates.ts";
import { readStatus } from "./store/read-status.ts";
import type { StudyStatus } from "./store/read-status.ts";
import { select } from "./store/select.ts";
import type { TargetState } from "./target-rounds.ts";

/** What a finished run leaves behind. */
export interface RunSummary {
  readonly status: StudyStatus;
  /** With inference and verdicts in files of up to 1e5 losses. */
  readonly rates: readonly (NamedRate | JudgedRate)[];
  /** Medians for a plot in the terminal. */
  readonly lines: readonly PlottedLine[];
  /** Replicates of this study, of all runs, that failed. */
  readonly failed: number;
  /** Added losses that could not be computed, with the reasons. */
  readonly lostLosses: readonly string[];
  /** The first failed replicates, with the commands that compute them again. */
  readonly failures: readonly FailedReplicate[];
  /** How far the designs of a study with a target came; empty without one. */
  readonly targets: readonly TargetState[];
  /** Replicates this run added. */
  readonly added: number;
  readonly elapsedMs: number;
  /** CPU time of the main thread, per replicate of this run and as a share of the time its fits took. */
  readonly mainThread: { readonly msPerReplicate: number; readonly shareOfFits: number } | null;
}

/** A failed replicate, its reason and the command that computes it again. */
export interface FailedReplicate {
  readonly designPoint: string;
  readonly replicate: number;
  readonly kind: string;
  readonly message: string;
  readonly replay: string;
}

const failuresShown = 20;

/** Losses up to which the end of a run infers everything; `rates` does it for files of any size. */
const mostJudged = 100_000;

/** Reads the summary of a run that has ended. */
export async function summarise(
  { connection, instance }: OpenDatabase,
  loaded: LoadedStudy,
  run: {
    started: { at: number; cpu: number };
    added: number;
    fitMs: number;
    lostLosses: readonly string[];
    targets: readonly TargetState[];
  },
): Promise<RunSummary> {
  const cpuMs = threadCpuMs() - run.started.cpu;
  const status = await readStatus(connection, null);
  const query: Query = (sql) => runQuery(instance, sql, new AbortController().signal);
  const [size] = await select<{ rows: number }>(connection, "SELECT count(*) AS rows FROM losses");
  const rates =
    (size?.rows ?? 0) > mostJudged ? await readRates(await query(ratesSql)) : await readJudgedRates(query);
  const lines = await readPlottedLines(await query(plotSql));
  const own = new Set(loaded.designs.map((design) => design.id));
  const failed = status.points
    .filter((point) => own.has(point.design))
    .reduce((sum, point) => sum + point.failed, 0);
  const failures = await select<FailedReplicate>(
    connection,
    `SELECT design_point AS "designPoint", replicate, kind, message, replay FROM failures ORDER BY ALL LIMIT ${failuresShown}`,
  );
  const known = run.added > 0 && run.fitMs > 0 && !Number.isNaN(cpuMs);
  return {
    status,
    rates,
    lines,
    failed,
    failures,
    lostLosses: run.lostLosses,
    targets: run.targets,
    added: run.added,
    elapsedMs: performance.now() - run.started.at,
    mainThread: known ? { msPerReplicate: cpuMs / run.added, shareOfFits: cpuMs / run.fitMs } : null,
  };
}
