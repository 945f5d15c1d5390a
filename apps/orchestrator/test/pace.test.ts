import { expect, test } from "vitest";
import { createPace } from "../src/progress/pace.ts";

test("the time left follows the pace of the last minute, so that workers who join or leave count", () => {
  let clock = 0;
  const pace = createPace(() => clock);
  expect(pace.milliseconds()).toBeNaN();
  for (clock = 1000; clock <= 100_000; clock += 1000) pace.note(clock / 400_000);
  clock = 100_000;
  expect(pace.milliseconds()).toBeCloseTo(300_000, 6);
  for (clock = 101_000; clock <= 200_000; clock += 1000) pace.note(0.25 + (2 * (clock - 100_000)) / 400_000);
  clock = 200_000;
  expect(pace.milliseconds()).toBeCloseTo(50_000, 6);
});

test("the time left grows while nobody works", () => {
  let clock = 0;
  const pace = createPace(() => clock);
  clock = 10_000;
  pace.note(0.5);
  expect(pace.milliseconds()).toBe(10_000);
  clock = 20_000;
  expect(pace.milliseconds()).toBe(20_000);
});
