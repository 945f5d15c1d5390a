import { expect, test } from "vitest";
import { formatDuration } from "../src/progress/format.ts";
import { progressLine, startProgress } from "../src/progress/progress-report.ts";
import { createRemainingTime } from "../src/progress/remaining-time.ts";
import { Writable } from "node:stream";

const point = (designPoint: string, design: string, cost: number, pending: number) => ({
  designPoint,
  design,
  cost,
  pending,
});

test("before anything finished the remaining time is the prediction over the threads", () => {
  const time = createRemainingTime([point("a/1", "a", 10, 4), point("b/1", "b", 20, 2)]);
  expect(time.milliseconds(2)).toBe(40);
  expect(time.share()).toBe(0);
});

test("measured replicates correct their own design first, the others by the whole run", () => {
  const time = createRemainingTime([
    point("a/1", "a", 10, 2),
    point("a/2", "a", 20, 1),
    point("b/1", "b", 5, 1),
  ]);
  time.finished("a/1", 30);
  expect(time.milliseconds(1)).toBe(30 + 60 + 15);
  expect(time.share()).toBeCloseTo(10 / 45, 12);
});

test("when everything is done nothing remains, and no work is all of it", () => {
  const time = createRemainingTime([point("a/1", "a", 10, 1)]);
  time.finished("a/1", 30);
  expect(time.milliseconds(1)).toBe(0);
  expect(time.share()).toBe(1);
  expect(createRemainingTime([]).share()).toBe(1);
});

test("a progress line tells share, counts, pace, failures and the time left", () => {
  const state = {
    share: 0.4321,
    done: 1234,
    total: 2860,
    failed: 2,
    elapsedMs: 5000,
    perSecond: 12.34,
    remainingMs: 192_000,
  };
  expect(progressLine(state)).toBe("43 % | 1,234/2,860 replicates | 12/s | 2 failed | 3 min 12 s left");
});

test.each([
  [4.25, "4.3 ms"],
  [12, "12 ms"],
  [999.7, "1.0 s"],
  [1234, "1.2 s"],
  [61_000, "1 min 01 s"],
  [3_720_000, "1 h 02 min"],
  [200_000_000, "2 d 7 h"],
])("%d ms reads %s", (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

test("a bar is drawn on a terminal alone, and NO_COLOR takes the colours away", () => {
  const drawn = (interactive: boolean, env: Record<string, string>): string => {
    let text = "";
    const stderr = new Writable({ write: (piece: Buffer, _, done) => ((text += piece.toString()), done()) });
    const signal = new AbortController().signal;
    const state = { share: 0.5, done: 1, total: 2, failed: 1, elapsedMs: 1, perSecond: 1, remainingMs: 1 };
    startProgress(
      { stdout: stderr, stderr, cwd: ".", env, interactive, columns: () => 100, signal },
      () => state,
    ).stop();
    return text;
  };
  expect(drawn(false, {})).toBe("");
  expect(drawn(true, {})).toContain("\u001b[31m1 failed");
  expect(drawn(true, { NO_COLOR: "1" })).not.toContain("\u001b[3");
  expect(drawn(true, { NO_COLOR: "1" })).toMatch(/\[#+-+\] 50 %/);
});
