import type { Beats } from "./executor.ts";

/** A replicate took longer than it may. */
export class TimeLimitExceeded extends Error {
  override readonly name = "TimeLimitExceeded";
  /** How many replicates of the task had been started: the last of them is the slow one. */
  readonly started: number;
  constructor(seconds: number, started: number) {
    super(`the replicate took longer than ${seconds} s; --time-limit sets the limit`);
    this.started = started;
  }
}

const ticksPerLimit = 20;
/** Longest delay of a timer in Node, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** Watches the counter of a lane and aborts `abort` when it stands still for `seconds` after the first beat. Time is counted in ticks of a timer, so
 *  that a machine that slept, a stopped process or a set clock is no slow replicate. Null: nothing is watched. Returns what ends the watch. */
export function watchLane(
  beats: Beats,
  lane: number,
  seconds: number | null,
  abort: AbortController,
): () => void {
  if (seconds === null) return () => undefined;
  const before = Atomics.load(beats, lane);
  let [seen, still] = [0, 0];
  const tick = (): void => {
    const started = Atomics.load(beats, lane) - before;
    still = started === seen && started > 0 ? still + 1 : 0;
    seen = started;
    if (still >= ticksPerLimit) abort.abort(new TimeLimitExceeded(seconds, started));
  };
  const timer = setInterval(tick, Math.min((1000 * seconds) / ticksPerLimit, longestTimer));
  return () => clearInterval(timer);
}
