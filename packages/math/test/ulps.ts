import { readFileSync } from "node:fs";

/** Reads a fixture made by `tools/golden/math.py`. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

/** |value - expected| in units in the last place of `expected`. */
export function ulps(value: number, expected: number): number {
  if (value === expected) return 0;
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(expected))));
  return Math.abs(value - expected) / 2 ** Math.max(-1074, exponent - 52);
}

/** |value / expected - 1|, and |value| where 0 is expected. */
export function relativeError(value: number, expected: number): number {
  return expected === 0 ? Math.abs(value) : Math.abs(value - expected) / Math.abs(expected);
}
