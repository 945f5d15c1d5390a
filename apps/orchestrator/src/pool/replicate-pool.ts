import { setMaxListeners } from "node:events";
import { Interrupted, messageOf } from "../input-error.ts";
import { createBeats } from "./executor.ts";
import type { Beats, Executor } from "./executor.ts";
import { processExecutor } from "./process-executor.ts";
import { threadExecutor } from "./thread-executor.ts";
import { TimeLimitExceeded, watchLane } from "./time-limit.ts";

/** Work for the pool: a batch of replicates that can be cut into single ones when a worker dies on it. */
export interface Batch<Task> {
  readonly task: Task;
  /** The same work in smaller tasks; empty when it is a single replicate already. */
  split(): readonly Batch<Task>[];
}

export interface PoolOptions {
  /** Built JavaScript module: the worker's entry for the kind of isolation. */
  readonly workerFile: URL;
  readonly threads: number;
  /** Threads share this process; processes also survive a native library that aborts. Default thread. */
  readonly isolation?: "thread" | "process";
  /** Handed to every worker once. */
  readonly setup: unknown;
  /** Seconds a single replicate may take; absent or null: no limit. */
  readonly timeLimit?: number | null;
  /** Aborting stops busy workers at once; the run ends with Interrupted. */
  readonly signal: AbortSignal;
}

/** A bounded pool of workers. */
export interface Pool<Task, Result> {
  run(task: Task): Promise<Result>;
  /** Runs all batches in order, at most two per worker under way, and hands every result over as it arrives. A batch whose worker died is
   *  split and tried again; a single replicate that fails twice, or takes longer than the limit, goes to `onLost`. */
  runAll(
    batches: Iterable<Batch<Task>>,
    onResult: (result: Result, task: Task) => void,
    onLost: (task: Task, error: unknown) => void,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Opens a pool of workers of this machine. */
export function openPool<Task, Result>(options: PoolOptions): Pool<Task, Result> {
  const { threads, signal, setup, workerFile, timeLimit = null } = options;
  const beats = createBeats(2 * threads);
  const executor =
    options.isolation === "process"
      ? processExecutor<Task, Result>(workerFile, threads, setup, beats)
      : threadExecutor<Task, Result>(workerFile, threads, setup, beats);
  return poolOver(executor, { beats, timeLimit, signal });
}

/** A pool over an executor, with one task under way per lane of `beats`. */
export function poolOver<Task, Result>(
  executor: Executor<Task, Result>,
  { beats, timeLimit, signal }: { beats: Beats; timeLimit: number | null; signal: AbortSignal },
): Pool<Task, Result> {
  const lanes = beats.length;
  // Every task under way listens to it.
  setMaxListeners(0, signal);
  const run = (task: Task, lane: number): Promise<Result> =>
    runWatched(executor, task, { beats, lane, timeLimit, signal });
  return {
    run: (task) => run(task, 0),
    async runAll(batches, onResult, onLost) {
      const fresh = batches[Symbol.iterator]();
      const again: Batch<Task>[] = [];
      let open = true;
      const next = (): Batch<Task> | undefined => (open ? (again.pop() ?? fresh.next().value) : undefined);
      const tried = new Set<Batch<Task>>();
      const retry = (batch: Batch<Task>, error: unknown): void => {
        const parts = batch.split();
        if (error instanceof TimeLimitExceeded) {
          const slow = parts[error.started - 1] ?? batch;
          onLost(slow.task, error);
          again.push(...parts.filter((part) => part !== slow).toReversed());
        } else if (parts.length > 0) again.push(...parts.toReversed());
        else if (tried.has(batch)) onLost(batch.task, error);
        else again.push(batch);
        tried.add(batch);
      };
      const work = async (lane: number): Promise<void> => {
        for (let batch = next(); batch !== undefined; batch = next()) {
          const result = await run(batch.task, lane).then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          );
          if (signal.aborted) throw new Interrupted("interrupted");
          if ("value" in result) onResult(result.value, batch.task);
          else retry(batch, result.error);
        }
      };
      const stopAll = (error: unknown): never => {
        open = false;
        throw error;
      };
      const ended = await Promise.allSettled(
        Array.from({ length: lanes }, (_, lane) => work(lane).catch(stopAll)),
      );
      const failed = ended.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
    close: () => executor.close(),
  };
}

async function runWatched<Task, Result>(
  executor: Executor<Task, Result>,
  task: Task,
  watch: { beats: Beats; lane: number; timeLimit: number | null; signal: AbortSignal },
): Promise<Result> {
  const { beats, lane, timeLimit, signal } = watch;
  if (signal.aborted) throw new Interrupted("interrupted");
  const abort = new AbortController();
  const stop = (): void => abort.abort(signal.reason);
  signal.addEventListener("abort", stop);
  const unwatch = watchLane(beats, lane, timeLimit, abort);
  try {
    return await executor.run(task, { signal: abort.signal, lane });
  } catch (error) {
    if (signal.aborted) throw new Interrupted("interrupted");
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    unwatch();
    signal.removeEventListener("abort", stop);
  }
}

/** Short cause of a lost worker: the code of the error, its name and message. */
export function lossCause(error: unknown): { kind: string; message: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  const kind =
    error instanceof TimeLimitExceeded
      ? "time-limit"
      : code === "ERR_WORKER_OUT_OF_MEMORY"
        ? "worker-out-of-memory"
        : "worker-lost";
  return { kind, message: messageOf(error).slice(0, 1000) };
}
