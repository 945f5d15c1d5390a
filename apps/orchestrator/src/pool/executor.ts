/** Runs tasks on a fixed number of workers. A task whose worker ends rejects; the next task gets a new worker. */
export interface Executor<Task, Result> {
  /** Aborting ends the worker of the task. `lane` is where the worker counts what it starts: see `Beats`. */
  run(task: Task, options: { readonly signal: AbortSignal; readonly lane: number }): Promise<Result>;
  close(): Promise<void>;
}

/** One counter per lane in shared memory: a worker adds one whenever it starts a replicate, so that a watcher sees which one hangs. */
export type Beats = Int32Array;

/** Counters for so many lanes, all zero. */
export function createBeats(lanes: number): Beats {
  return new Int32Array(new SharedArrayBuffer(4 * lanes));
}

/** JavaScript heap of a worker in MB: a runaway becomes an error of its task, not the end of the process. Sample columns live outside. */
export const workerHeapMb = 1024;
