import { performance } from "node:perf_hooks";
import { shardReplicates, type PendingPoint, type Shard } from "@moe-rates/study";
import { Interrupted, messageOf } from "./input-error.ts";
import type { Engine } from "./engines.ts";
import { serveRun } from "./live/serve-run.ts";
import type { ServedPage } from "./live/serve-page.ts";
import { watchRun } from "./live/watch-run.ts";
import type { LoadedStudy } from "./load-study.ts";
import { lossCause, openPool, poolOver } from "./pool/replicate-pool.ts";
import type { Batch, Pool } from "./pool/replicate-pool.ts";
import { createBeats } from "./pool/executor.ts";
import type { Executor } from "./pool/executor.ts";
import { failedRow } from "./pool/failed-row.ts";
import { lossBatches, pendingPoints, replicateBatches } from "./pool/study-work.ts";
import { openRounds } from "./target-rounds.ts";
import type { TargetRounds } from "./target-rounds.ts";
import { enterRounds } from "./store/rounds.ts";
import type { ShardedRound } from "./shard/next-round.ts";
import { threadCpuMs } from "./pool/thread-cpu-time.ts";
import type { StoredFit, StudyResult, StudySetup, StudyTask } from "./pool/worker-protocol.ts";
import { plural } from "./progress/format.ts";
import { startProgress } from "./progress/progress-report.ts";
import { createRunProgress } from "./progress/run-progress.ts";
import type { RunProgress } from "./progress/run-progress.ts";
import { provenance } from "./provenance.ts";
import { refuseContradictions } from "./refuse-contradictions.ts";
import { createBatchWriter } from "./store/batch-writer.ts";
import { namingDamage } from "./store/check-store.ts";
import type { OpenDatabase } from "./store/duckdb-instance.ts";
import { readMissingLosses } from "./store/missing-losses.ts";
import type { ReplicateKeys } from "./store/replicate-keys.ts";
import { forgetFailures } from "./store/forget-failures.ts";
import { readStatus } from "./store/read-status.ts";
import { enterRun, leaveRun, readStoredDesigns, readStoredKeys } from "./store/stored-study.ts";
import { openWhenFree } from "./store/open-when-free.ts";
import { upgradeStore } from "./store/upgrade-store.ts";
import { summarise } from "./run-summary.ts";
import type { RunSummary } from "./run-summary.ts";
import type { Terminal } from "./terminal.ts";
import { workerSetup } from "./worker-setup.ts";

/** A run of a loaded study into a database file. */
export interface RunPlan {
  readonly loaded: LoadedStudy;
  readonly engine: Engine;
  /** Absolute path of the database. */
  readonly out: string;
  /** The path as the user wrote it. */
  readonly shownOut: string;
  readonly threads: number;
  readonly retryFailed: boolean;
  /** Seconds a single replicate may take; absent: no limit. */
  readonly timeLimit?: number;
  /** What a replicate that breaks its worker can take with it: a thread, or a process of its own. */
  readonly isolation?: "thread" | "process";
  /** The part of the study to run; absent: all of it. */
  readonly shard?: Shard;
  /** The round that the shard is a part of, of a study with a target; absent: its first. */
  readonly round?: ShardedRound;
  /** Port of 127.0.0.1 on which the report is served during the run, 0 for a free one; absent: it is not served. */
  readonly watchPort?: number;
  /** Built worker module, for the kind of isolation. */
  readonly workerFile: URL;
  /** Workers of other processes that fit the replicates, then with `threads` zero; absent: this process has its own. */
  readonly elsewhere?: Elsewhere;
}

/** Workers that are not of this process. */
export interface Elsewhere {
  /** In words, after a number of replicates to do. */
  readonly place: string;
  /** Batches under way at once. */
  readonly batches: number;
  open(setup: StudySetup): Executor<StudyTask, StudyResult>;
}

/** Runs what is missing. Throws InputError when the file contradicts the study, Interrupted after a clean flush when the signal is aborted. */
export async function runStudy(terminal: Terminal, plan: RunPlan): Promise<RunSummary> {
  const database = await openWhenFree(plan.out, plan.shownOut, terminal.env);
  try {
    refuseContradictions(plan.shownOut, await readStoredDesigns(database.connection), plan.loaded.designs);
    await upgradeStore(database.connection);
    if (plan.retryFailed) await forgetFailures(database.connection);
    return await namingDamage(plan.shownOut, () => runOpen(terminal, plan, database), foundWhileWriting);
  } finally {
    database.close();
  }
}

/** An index is read only where a row is added: its damage cannot be seen before. */
const foundWhileWriting = "its committed rows are as they were, no row was added to them";

async function runOpen(terminal: Terminal, plan: RunPlan, database: OpenDatabase): Promise<RunSummary> {
  const { connection, instance } = database;
  const { loaded, engine, threads } = plan;
  const started = { at: performance.now(), cpu: threadCpuMs() };
  const stored = await readStoredKeys(connection);
  await enterRounds(connection, plan.round?.rounds ?? []);
  const rounds = await openRounds(connection, loaded);
  const pending = ownPending(plan, stored, rounds.planned);
  const progress = createRunProgress(loaded, pending, threads, await readStatus(connection, null));
  let entered = (): void => undefined;
  const inFile = new Promise<void>((resolve) => (entered = resolve));
  const page = await watched(terminal, plan, instance, { progress, inFile });
  const run = await enterRun(connection, {
    ...loaded,
    engine,
    threads,
    planned: rounds.planned,
    plugins: loaded.plugins.labels,
    provenance: provenance(),
  });
  entered();
  const broken = new AbortController();
  const signal = AbortSignal.any([terminal.signal, broken.signal]);
  const writer = createBatchWriter(connection, run, stored, (error) => broken.abort(error));
  const live = await serveRun(terminal, plan, instance, progress);
  terminal.stderr.write(
    `${loaded.study.name}: ${plural(progress.toDo, "replicate")} to do on ${plan.elsewhere?.place ?? plural(threads, "thread")}, ${engine.name}, into ${plan.shownOut}\n`,
  );
  const report = startProgress(terminal, () => progress.state());
  const lostLosses: string[] = [];
  let outcome = "failed";
  try {
    const added = await addedLossBatches(connection, loaded);
    const nextRound = async (): Promise<Iterable<Batch<StudyTask>> | null> => {
      if (loaded.study.target === undefined || plan.shard !== undefined) return null;
      await writer.flush();
      if (!(await rounds.decide())) return null;
      const more = pendingPoints(loaded, stored, rounds.planned);
      progress.extend(more);
      return replicateBatches(more);
    };
    const first =
      progress.toDo + added.length > 0 ? inTurn(replicateBatches(pending), added) : await nextRound();
    if (first !== null) await work(plan, first, signal, { writer, progress, lostLosses, nextRound });
    outcome = "complete";
  } catch (error) {
    if (error instanceof Interrupted && !broken.signal.aborted) outcome = "interrupted";
    else throw broken.signal.aborted ? broken.signal.reason : error;
  } finally {
    report.stop();
    // A last commit that fails breaks the run like any other; what was opened is closed all the same.
    if (!broken.signal.aborted) await writer.flush().catch(() => (outcome = "failed"));
    await leaveRun(connection, run, outcome, threadCpuMs() - started.cpu).catch(() => undefined);
    await live?.close();
    await (outcome === "complete" ? page?.end() : page?.close());
  }
  if (broken.signal.aborted) throw broken.signal.reason;
  if (outcome === "interrupted") {
    throw new Interrupted(
      `interrupted; ${plural(writer.committed, "replicate")} of this run are in ${plan.shownOut}, the same command continues`,
    );
  }
  return summarise(database, loaded, {
    started,
    added: writer.committed,
    fitMs: progress.fitMs(),
    lostLosses,
    targets: rounds.states(),
  });
}

function ownPending(
  { shard, loaded, round }: RunPlan,
  stored: ReplicateKeys,
  planned: TargetRounds["planned"],
): PendingPoint[] {
  const has: ReplicateKeys["has"] = (point, replicate) =>
    stored.has(point, replicate) || round?.done.has(point, replicate) === true;
  const pending = pendingPoints(loaded, { has }, planned);
  return shard ? shardReplicates(pending, shard, (point) => planned.get(point) ?? 0) : pending;
}

function watched(
  terminal: Terminal,
  { loaded, shownOut, watchPort }: RunPlan,
  instance: OpenDatabase["instance"],
  run: { readonly progress: RunProgress; readonly inFile: Promise<void> },
): Promise<ServedPage | null> {
  return watchPort === undefined
    ? Promise.resolve(null)
    : watchRun(terminal, { study: loaded.study.name, shownOut, port: watchPort }, instance, run);
}

function* inTurn<Item>(...lists: readonly Iterable<Item>[]): Generator<Item> {
  for (const list of lists) yield* list;
}

interface Sinks {
  readonly writer: ReturnType<typeof createBatchWriter>;
  readonly progress: ReturnType<typeof createRunProgress>;
  /** Stored fits whose added losses could not be computed: the losses stay missing and are tried again by the next run. */
  readonly lostLosses: string[];
  /** What the barrier after a round adds; null when the study is done. */
  nextRound(): Promise<Iterable<Batch<StudyTask>> | null>;
}

function lostFit(losses: readonly string[], fit: StoredFit, error: unknown): string {
  return `${losses.join(", ")} of ${fit.designPoint}, replicate ${fit.replicate}: ${messageOf(error)}`;
}

function poolFor(plan: RunPlan, signal: AbortSignal): Pool<StudyTask, StudyResult> {
  const { loaded, engine, elsewhere, workerFile, threads, isolation = "thread", timeLimit = null } = plan;
  if (elsewhere !== undefined)
    return poolOver(elsewhere.open(workerSetup(loaded, engine, true)), {
      beats: createBeats(elsewhere.batches),
      timeLimit: null,
      signal,
    });
  const setup = workerSetup(loaded, engine, isolation === "process");
  return openPool({ workerFile, threads, isolation, timeLimit, setup, signal });
}

async function work(
  plan: RunPlan,
  first: Iterable<Batch<StudyTask>>,
  signal: AbortSignal,
  { writer, progress, lostLosses, nextRound }: Sinks,
): Promise<void> {
  const pool = poolFor(plan, signal);
  const take = ({ rows, added }: StudyResult): void => {
    for (const row of rows) {
      writer.add(row);
      progress.finished(row);
    }
    added.forEach((one) => writer.addLosses(one));
  };
  const lost = (task: StudyTask, error: unknown): void => {
    if (task.kind === "losses") lostLosses.push(...task.fits.map((fit) => lostFit(task.losses, fit, error)));
    if (task.kind !== "replicates") return;
    take({
      rows: task.replicates.map((replicate) =>
        failedRow(task.designPoint, replicate, lossCause(error), 0, 0),
      ),
      added: [],
    });
  };
  try {
    await pool.run({ kind: "hello" });
    for (let todo: Iterable<Batch<StudyTask>> | null = first; todo !== null; todo = await nextRound())
      await pool.runAll(todo, take, lost);
  } finally {
    await pool.close();
  }
}

async function addedLossBatches(
  connection: OpenDatabase["connection"],
  { study, designs }: LoadedStudy,
): Promise<Batch<StudyTask>[]> {
  const batches: Batch<StudyTask>[] = [];
  for (const { id } of designs) {
    for (const group of await readMissingLosses(connection, id, study.losses))
      batches.push(...lossBatches(id, group.losses, group.fits));
  }
  return batches;
}
