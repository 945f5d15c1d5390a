import { quantileLevel, type Statistic } from "./loss-row.ts";

/** A mean or median of replicates on the log scale, with the value it takes when any one of them is left out. */
export interface LogStatistic {
  /** Mean or median, `null` without values. */
  value: number | null;
  /** Its natural logarithm, `null` when the statistic is not a positive finite number. */
  log: number | null;
  /** The same logarithm without one of the values (given by its size). */
  logWithout(left: number): number | null;
}

/**
 * Mean or median of non-negative `values` and its delete-one versions, each in constant time after one sort.
 *
 * With y_1 <= ... <= y_m sorted and a value y left out:
 *
 * - mean: top = y_m, rest = y_1 + ... + y_(m-1). Left out y < top: (top + (rest - y)) / (m - 1); y = top: rest / (m - 1).
 *   Nothing large is ever subtracted from a sum that it rules, so one enormous loss does not spoil the others' digits.
 * - median, m = 2h: y <= y_h leaves y_(h+1), otherwise y_h.
 * - median, m = 2h + 1: y below the median leaves (y_(h+1) + y_(h+2))/2, above it (y_h + y_(h+1))/2, the median itself (y_h + y_(h+2))/2.
 * - quantile p: type 7 on what is left, y_(1+(m-2)p) by linear interpolation.
 *
 * The views use the same formulas (`sql/loss-points-view.ts`, `sql/leave-one-out-view.ts`).
 */
export function logStatistic(values: readonly number[], statistic: Statistic): LogStatistic {
  const sorted = [...values].sort((a, b) => a - b);
  const { of, without: withoutOne } = forms(statistic);
  const without = withoutOne(sorted);
  const value = of(sorted);
  return { value, log: logOrNull(value), logWithout: (left) => logOrNull(without(left)) };
}

interface Forms {
  of(sorted: readonly number[]): number | null;
  without(sorted: readonly number[]): (left: number) => number | null;
}

function forms(statistic: Statistic): Forms {
  const level = quantileLevel(statistic);
  if (level === null) return { of: mean, without: meanWithout };
  if (level === 0.5) return { of: median, without: medianWithout };
  return {
    of: (sorted) => (sorted.length === 0 ? null : interpolated(sorted.length, level, (i) => sorted[i])),
    without: (sorted) => (left) => {
      if (sorted.length < 2) return null;
      const gap = sorted.indexOf(left);
      return interpolated(sorted.length - 1, level, (i) => sorted[i < gap ? i : i + 1]);
    },
  };
}

function interpolated(count: number, level: number, at: (index: number) => number): number {
  const position = (count - 1) * level;
  const below = Math.floor(position);
  const share = position - below;
  return share === 0 ? at(below) : at(below) + share * (at(below + 1) - at(below));
}

/** Natural logarithm of a positive finite number, `null` of anything else: the log of a zero statistic is not a number to regress on. */
export function logOrNull(value: number | null): number | null {
  return value !== null && value > 0 && value < Infinity ? Math.log(value) : null;
}

function mean(sorted: readonly number[]): number | null {
  return sorted.length === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
}

function median(sorted: readonly number[]): number | null {
  const m = sorted.length;
  return m === 0 ? null : (sorted[(m - 1) >> 1] + sorted[m >> 1]) / 2;
}

function meanWithout(sorted: readonly number[]): (left: number) => number | null {
  const m = sorted.length;
  if (m < 2) return () => null;
  const top = sorted[m - 1];
  const rest = sorted.slice(0, -1).reduce((sum, value) => sum + value, 0);
  return (left) => (left < top ? top + (rest - left) : rest) / (m - 1);
}

function medianWithout(sorted: readonly number[]): (left: number) => number | null {
  const m = sorted.length;
  if (m < 2) return () => null;
  const h = m >> 1;
  if (m % 2 === 0) return (left) => (left <= sorted[h - 1] ? sorted[h] : sorted[h - 1]);
  const [below, middle, above] = [sorted[h - 1], sorted[h], sorted[h + 1]];
  return (left) => {
    if (left < middle) return (middle + above) / 2;
    return left > middle ? (below + middle) / 2 : (below + above) / 2;
  };
}
