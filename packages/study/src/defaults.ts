import type { StartSpec } from "./types.ts";

/** Bound of the compact set when `fit.box` is absent. */
export const defaultBox = 10;

/** Where training starts when nothing else is said. */
export const trainingStarts = { "near-truth": { radius: 0.1, count: 1 } } as const satisfies StartSpec;

/** What `starts: mixed` (also without `starts`) stands for: every policy, most of all the projected-score add (docs/adr/0012-finite-mass-score-field.md). */
export const mixedStarts = {
  "near-truth": { radius: 0.4, count: 2 },
  random: 4,
  "k-means": 1,
  split: 8,
  add: 90,
  around: 16,
} as const satisfies StartSpec;

/** The same for two levels of gates: random starts are what settles anew which atoms share a group, and with an atom too many in every group the best
 *  fits are neighbours of good ones, an atom or a group's gate apart. */
export const mixedGroupedStarts = { ...mixedStarts, random: 40, around: 160 } as const satisfies StartSpec;
