import { Piscina } from "piscina";
import { Interrupted, messageOf } from "../input-error.ts";

/** Work for the pool: a batch of replicates that can be cut into single ones when a worker dies on it. */
export interface Batch<Task> {
  readonly task: Task;
  /** The same work in smaller tasks; empty when it is a single replicate already. */
  split(): readonly Batch<Task>[];
}

export interface PoolOptions {
  /** Built JavaScript module whose default export takes a task. */
  readonly workerFile: URL;
  readonly threads: number;
  /** Handed to every worker once. */
  readonly setup: unknown;
  /** Aborting stops busy workers at once; the run ends with Interrupted. */
  readonly signal: AbortSignal;
}

/** A bounded pool of workers. */
export interface Pool<Task, Result> {
  run(task: Task): Promise<Result>;
  /** Runs all batches in order, at most two per worker under way, and hands every result over as it arrives. A batch whose worker died is
   *  split and tried again; a single replicate that fails twice goes to `onLost`. */
  runAll(
    batches: readonly Batch<Task>[],
    onResult: (result: Result, task: Task) => void,
    onLost: (task: Task, error: unknown) => void,
  ): Promise<void>;
  close(): Promise<void>;
}

/** JavaScript heap of a worker in MB: a runaway becomes an error of its task, not the end of the process. Sample columns live outside. */
const workerHeapMb = 1024;

/** Opens a pool; workers start at once and stay until `close`. */
export function openPool<Task, Result>(options: PoolOptions): Pool<Task, Result> {
  const { threads, signal } = options;
  const piscina = new Piscina<Task, Result>({
    filename: options.workerFile.href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    workerData: { setup: options.setup },
    resourceLimits: { maxOldGenerationSizeMb: workerHeapMb },
    recordTiming: false,
  });
  // A worker that cannot load is reported here and by its task; without a listener the event would end the process.
  piscina.on("error", () => undefined);
  const run = async (task: Task): Promise<Result> => {
    try {
      return await piscina.run(task, { signal });
    } catch (error) {
      if (signal.aborted) throw new Interrupted("interrupted");
      throw error;
    }
  };
  return {
    run,
    async runAll(batches, onResult, onLost) {
      const queue = [...batches].toReversed();
      const tried = new Set<Batch<Task>>();
      const retry = (batch: Batch<Task>, error: unknown): void => {
        const parts = batch.split();
        if (parts.length > 0) queue.push(...parts.toReversed());
        else if (tried.has(batch)) onLost(batch.task, error);
        else queue.push(batch);
        tried.add(batch);
      };
      const lane = async (): Promise<void> => {
        for (let batch = queue.pop(); batch !== undefined; batch = queue.pop()) {
          const result = await run(batch.task).then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          );
          if (signal.aborted) throw new Interrupted("interrupted");
          if ("value" in result) onResult(result.value, batch.task);
          else retry(batch, result.error);
        }
      };
      const stopAll = (error: unknown): never => {
        queue.length = 0;
        throw error;
      };
      const lanes = await Promise.allSettled(
        Array.from({ length: 2 * threads }, () => lane().catch(stopAll)),
      );
      const failed = lanes.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
    close: () => piscina.destroy(),
  };
}

/** Short cause of a lost worker: the code of the error, its name and message. */
export function lossCause(error: unknown): { kind: string; message: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  return {
    kind: code === "ERR_WORKER_OUT_OF_MEMORY" ? "worker-out-of-memory" : "worker-lost",
    message: messageOf(error).slice(0, 1000),
  };
}
