import { performance } from "node:perf_hooks";
import type { LoadedStudy } from "./load-study.ts";
import { threadCpuMs } from "./pool/thread-cpu-time.ts";
import type { OpenDatabase } from "./store/duckdb-instance.ts";
import { runQuery } from "./store/query-result.ts";
import { ratesSql, readRates } from "./store/read-rates.ts";
import type { NamedRate } from "./store/read-rates.ts";
import { readStatus } from "./store/read-status.ts";
import type { StudyStatus } from "./store/read-status.ts";

/** What a finished run leaves behind. */
export interface RunSummary {
  readonly status: StudyStatus;
  readonly rates: readonly NamedRate[];
  /** Replicates of this study, of all runs, that failed. */
  readonly failed: number;
  /** Replicates this run added. */
  readonly added: number;
  readonly elapsedMs: number;
  /** CPU time of the main thread, per replicate of this run and as a share of the time its fits took. */
  readonly mainThread: { readonly msPerReplicate: number; readonly shareOfFits: number } | null;
}

/** Reads the summary of a run that has ended. */
export async function summarise(
  { connection, instance }: OpenDatabase,
  loaded: LoadedStudy,
  run: { started: { at: number; cpu: number }; added: number; fitMs: number },
): Promise<RunSummary> {
  const cpuMs = threadCpuMs() - run.started.cpu;
  const status = await readStatus(connection, null);
  const rates = await readRates(await runQuery(instance, ratesSql, new AbortController().signal));
  const own = new Set(loaded.designs.map((design) => design.id));
  const failed = status.points
    .filter((point) => own.has(point.design))
    .reduce((sum, point) => sum + point.failed, 0);
  const known = run.added > 0 && run.fitMs > 0 && !Number.isNaN(cpuMs);
  return {
    status,
    rates,
    failed,
    added: run.added,
    elapsedMs: performance.now() - run.started.at,
    mainThread: known ? { msPerReplicate: cpuMs / run.added, shareOfFits: cpuMs / run.fitMs } : null,
  };
}
