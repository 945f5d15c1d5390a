import { expect, test } from "vitest";
import { shuffle, stream } from "../src/index.ts";

test("a shuffled list holds the same items, in place", () => {
  const list = Int32Array.from({ length: 100 }, (_, i) => i);
  const shuffled = shuffle(list, stream("shuffle", 1));
  expect(shuffled).toBe(list);
  expect([...shuffled].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect([...shuffled]).not.toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test("every order of four items is equally likely: chi-squared over 24 orders stays below its 99.9 % point, 49.7", () => {
  const random = stream("shuffle", 2);
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffle(["a", "b", "c", "d"], random).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  const expected = draws / 24;
  const statistic = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  expect(statistic).toBeLessThan(49.7);
});
