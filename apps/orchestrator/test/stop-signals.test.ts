import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { stopOnSignals } from "../src/stop-signals.ts";

function signalled(...at: readonly (readonly [string, number])[]): { aborted: boolean; quits: number } {
  const source = new EventEmitter();
  const stop = new AbortController();
  let [clock, quits] = [0, 0];
  stopOnSignals(
    source,
    stop,
    () => (quits += 1),
    () => clock,
  );
  for (const [name, time] of at) {
    clock = time;
    source.emit(name);
  }
  return { aborted: stop.signal.aborted, quits };
}

test("the first signal asks for a clean end, a second one ends at once", () => {
  expect(signalled()).toEqual({ aborted: false, quits: 0 });
  expect(signalled(["SIGTERM", 5])).toEqual({ aborted: true, quits: 0 });
  expect(signalled(["SIGINT", 5], ["SIGINT", 900])).toEqual({ aborted: true, quits: 1 });
});

test("a signal within 100 ms of the first is its echo", () => {
  expect(signalled(["SIGINT", 5], ["SIGINT", 6], ["SIGTERM", 100])).toEqual({ aborted: true, quits: 0 });
  expect(signalled(["SIGINT", 5], ["SIGINT", 6], ["SIGINT", 106])).toEqual({ aborted: true, quits: 1 });
});
