import { Piscina } from "piscina";
import { workerHeapMb } from "./executor.ts";
import type { Beats, Executor } from "./executor.ts";

/** What a worker thread gets with each task. */
export interface ThreadTask<Task> {
  readonly task: Task;
  readonly lane: number;
}

/** Threads load their module by import alone: Node 20 aborts the whole process where a thread ends while `require` of a module is linking it. */
const importOnly = "--no-experimental-require-module";

/** Worker threads of this process; they start at once and stay until `close`. The default export of `workerFile` takes a ThreadTask. */
export function threadExecutor<Task, Result>(
  workerFile: URL,
  threads: number,
  setup: unknown,
  beats: Beats,
): Executor<Task, Result> {
  const piscina = new Piscina<ThreadTask<Task>, Result>({
    filename: workerFile.href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    workerData: { setup, beats },
    execArgv: [importOnly],
    resourceLimits: { maxOldGenerationSizeMb: workerHeapMb },
    recordTiming: false,
  });
  // A worker that cannot load is reported here and by its task; without a listener the event would end the process.
  piscina.on("error", () => undefined);
  return {
    run: (task, { signal, lane }) => piscina.run({ task, lane }, { signal }),
    close: () => piscina.destroy(),
  };
}
