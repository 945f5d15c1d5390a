import { performance } from "node:perf_hooks";
import type { LoadedStudy } from "./load-study.ts";
import { threadCpuMs } from "./pool/thread-cpu-time.ts";
import type { OpenDatabase } from "./store/duckdb-instance.ts";
import { runQuery } from "./store/query-result.ts";
import { ratesSql, readRates } from "./store/read-rates.ts";
import type { NamedRate } from "./store/read-rates.ts";
import { readStatus } from "./store/read-status.ts";
import type { StudyStatus } from "./store/read-status.ts";
import { select } from "./store/select.ts";

/** What a finished run leaves behind. */
export interface RunSummary {
  readonly status: StudyStatus;
  readonly rates: readonly NamedRate[];
  /** Replicates of this study, of all runs, that failed. */
  readonly failed: number;
  /** Added losses that could not be computed, with the reasons. */
  readonly lostLosses: readonly string[];
  /** The first failed replicates, with the commands that compute them again. */
  readonly failures: readonly FailedReplicate[];
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

/** Reads the summary of a run that has ended. */
export async function summarise(
  { connection, instance }: OpenDatabase,
  loaded: LoadedStudy,
  run: { started: { at: number; cpu: number }; added: number; fitMs: number; lostLosses: readonly string[] },
): Promise<RunSummary> {
  const cpuMs = threadCpuMs() - run.started.cpu;
  const status = await readStatus(connection, null);
  const rates = await readRates(await runQuery(instance, ratesSql, new AbortController().signal));
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
    failed,
    failures,
    lostLosses: run.lostLosses,
    added: run.added,
    elapsedMs: performance.now() - run.started.at,
    mainThread: known ? { msPerReplicate: cpuMs / run.added, shareOfFits: cpuMs / run.fitMs } : null,
  };
}
