import type { EventEmitter } from "node:events";

/** Signals that end a run after a clean flush. */
export const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One Ctrl-C can arrive twice: from the terminal, which sends it to the whole process group, and from a parent that passes it on. */
const echoMs = 100;

/** Aborts `stop` on the first signal that `source` (the process) receives and calls `quit` on a second one. A signal within a tenth of a second of
 *  the first is the same wish. `now` is a clock in milliseconds. */
export function stopOnSignals(
  source: EventEmitter,
  stop: AbortController,
  quit: () => void,
  now: () => number = () => performance.now(),
): void {
  let firstAt = 0;
  const onSignal = (): void => {
    if (!stop.signal.aborted) {
      firstAt = now();
      stop.abort();
    } else if (now() - firstAt > echoMs) quit();
  };
  for (const name of stopSignals) source.on(name, onSignal);
}
