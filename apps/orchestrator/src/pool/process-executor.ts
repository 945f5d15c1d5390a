import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { workerHeapMb } from "./executor.ts";
import type { Beats, Executor } from "./executor.ts";

/** What a worker process is told: first its setup, then one task at a time. */
export type ToProcess<Task> = { readonly setup: unknown } | { readonly task: Task };

/** What it answers: a beat per replicate it starts, and one result or error per task. */
export type FromProcess<Result> =
  | { readonly beat: true }
  | { readonly result: Result }
  | { readonly error: string };

/** A worker process ended while it had a task. */
export class ProcessLost extends Error {
  override readonly name = "ProcessLost";
}

/** Characters of a process's stderr that are kept. */
const wordsKept = 8000;

/** The line in which a process said why it ends. */
function causeIn(words: string): string {
  const line = words.split("\n").find((one) => /\b(error|abort|assert|fatal|fail)/i.test(one));
  return line === undefined ? "" : `: ${line.trim()}`;
}

interface Waiting {
  readonly take: (child: ChildProcess) => void;
}

/** Worker processes: a native library that aborts, or the system's out-of-memory killer, ends one of them and not the run. Processes start when needed. */
export function processExecutor<Task, Result>(
  processFile: URL,
  processes: number,
  setup: unknown,
  beats: Beats,
): Executor<Task, Result> {
  const children = new Set<ChildProcess>();
  const lastWords = new WeakMap<ChildProcess, string>();
  const idle: ChildProcess[] = [];
  const queue: Waiting[] = [];
  const start = (): ChildProcess => {
    const child = fork(processFile, [], {
      serialization: "advanced",
      execArgv: [`--max-old-space-size=${workerHeapMb}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    children.add(child);
    lastWords.set(child, "");
    child.stderr?.on("data", (piece: Buffer) =>
      lastWords.set(child, `${lastWords.get(child) ?? ""}${piece.toString()}`.slice(-wordsKept)),
    );
    child.on("error", () => child.kill("SIGKILL"));
    child.on("exit", () => {
      children.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
      next();
    });
    send(child, { setup });
    return child;
  };
  const next = (): void => {
    while (queue.length > 0 && (idle.length > 0 || children.size < processes))
      queue.shift()?.take(idle.pop() ?? start());
  };
  return {
    run(task, { signal, lane }) {
      return new Promise<Result>((resolve, reject) => {
        const give = (child: ChildProcess): void => {
          const settle = (finish: () => void): void => {
            child.off("message", onMessage).off("exit", onExit);
            signal.removeEventListener("abort", onAbort);
            finish();
            next();
          };
          const onMessage = (message: unknown): void => {
            const answer = message as FromProcess<Result>;
            if ("beat" in answer) {
              Atomics.add(beats, lane, 1);
              return;
            }
            idle.push(child);
            settle(() => ("error" in answer ? reject(new Error(answer.error)) : resolve(answer.result)));
          };
          const onExit = (code: number | null, ended: string | null): void =>
            settle(() => {
              const cause = causeIn(lastWords.get(child) ?? "");
              reject(
                new ProcessLost(`the worker process ended with ${ended ?? `exit code ${code}`}${cause}`),
              );
            });
          const onAbort = (): void => {
            child.off("exit", onExit);
            child.kill("SIGKILL");
            settle(() => reject(signal.reason));
          };
          child.on("message", onMessage).on("exit", onExit);
          signal.addEventListener("abort", onAbort);
          send(child, { task });
        };
        const waiting: Waiting = {
          take(child) {
            if (!signal.aborted) return give(child);
            idle.push(child);
            reject(signal.reason);
          },
        };
        queue.push(waiting);
        next();
      });
    },
    async close() {
      await Promise.all(
        [...children].map(
          (child) =>
            new Promise<void>((resolve) => {
              child.once("exit", () => resolve());
              child.kill("SIGKILL");
            }),
        ),
      );
    },
  };

  /** A message to a process that has just ended is lost with it: its exit is heard anyway. */
  function send(child: ChildProcess, message: ToProcess<Task>): void {
    child.send(message, () => undefined);
  }
}
