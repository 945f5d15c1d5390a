import { estimateOf } from "./estimate.ts";
import { slopeOf } from "./log-log-line.ts";
import type { Statistic } from "./loss-row.ts";
import { resampledSeries, type BootstrapCounts } from "./resampled-series.ts";
import type { SeriesSample } from "./series-sample.ts";

/** What a design has so far, and what it is asked for. */
export interface TargetState {
  /** The target's series: completed replicates only. */
  readonly sample: SeriesSample;
  readonly statistic: Statistic;
  /** Replicates run at each size of the sample, failed ones included: replicates 0 to counts[p] - 1. */
  readonly counts: readonly number[];
  /** Deterministic cost of one more replicate at each size, any unit. */
  readonly costs: readonly number[];
  /** Half-width of the slope's 95 % interval to reach. */
  readonly halfWidth: number;
  /** Most replicates at a size. */
  readonly max: number;
}

/** What to do after a round. */
export interface RoundDecision {
  readonly state: "met" | "capped" | "continue";
  /** Half-width now; `null` without an interval. */
  readonly halfWidth: number | null;
  /** Replicates at each size after the next round; as before unless the state is `continue`. */
  readonly counts: readonly number[];
}

/** A round costs at most this share of all rounds before it. */
const growth = 0.5;

/**
 * Decides, from completed rows only, how many replicates each size gets next. The covariance of the log statistics per replicate, C_pq = Sigma_pq max(m_p, m_q) with Sigma their
 * bootstrap covariance, predicts the slope's variance under other counts: sum_pq c_p c_q C_pq / max(m_p, m_q), c the weights of the count-weighted slope. Replicates are added, a tenth of a
 * size's count at a time and at one size or at all of them, wherever the variance falls most per cost, until the predicted half-width is 5 % below the target or the
 * round has cost half of what all rounds before cost. The same rows give the same decision.
 */
export function nextRound(state: TargetState, draws?: BootstrapCounts): RoundDecision {
  const { sample, statistic, counts, costs, halfWidth: target, max } = state;
  const series = resampledSeries(sample, statistic, draws);
  const { ci } = estimateOf(series, slopeOf);
  const halfWidth = ci === null ? null : (ci[1] - ci[0]) / 2;
  const stay = { halfWidth, counts: [...counts] };
  if (halfWidth !== null && halfWidth <= target) return { state: "met", ...stay };
  if (counts.every((count) => count >= max)) return { state: "capped", ...stay };
  const budget = growth * total(counts, costs);
  const perReplicate = halfWidth === null ? null : replicateCovariance(series, counts);
  const variance = (some: readonly number[]): number => slopeVariance(series.x, some, perReplicate!);
  let next = [...counts];
  const enough = (): boolean =>
    perReplicate !== null &&
    halfWidth !== null &&
    halfWidth * Math.sqrt(variance(next) / variance(counts)) <= 0.95 * target;
  while (total(next, costs) - total(counts, costs) < budget && !enough()) {
    const moves = candidateMoves(next, max);
    if (moves.length === 0) break;
    next = perReplicate === null ? moves[0] : bestMove(next, moves, costs, variance);
  }
  return { state: "continue", halfWidth, counts: next };
}

/** All sizes by a tenth first, then each size alone. */
function candidateMoves(counts: readonly number[], max: number): number[][] {
  const more = (count: number): number => Math.min(max, count + Math.max(1, Math.ceil(count / 10)));
  const least = Math.min(...counts);
  const level = counts.map((count) => Math.max(count, more(least)));
  const moves = [
    counts.map(more),
    level,
    ...counts.map((_, at) => counts.map((count, p) => (p === at ? more(count) : count))),
  ];
  return moves.filter((move) => move.some((count, p) => count > counts[p]));
}

function bestMove(
  from: readonly number[],
  moves: readonly number[][],
  costs: readonly number[],
  variance: (counts: readonly number[]) => number,
): number[] {
  const before = variance(from);
  let [best, bestGain] = [moves[0], -Infinity];
  for (const move of moves) {
    const gain = (before - variance(move)) / (total(move, costs) - total(from, costs));
    if (gain > bestGain) [best, bestGain] = [move, gain];
  }
  return best;
}

function total(counts: readonly number[], costs: readonly number[]): number {
  return counts.reduce((sum, count, p) => sum + count * costs[p], 0);
}

function replicateCovariance(
  { drawn, x }: ReturnType<typeof resampledSeries>,
  counts: readonly number[],
): (number | null)[][] {
  const width = x.length;
  const column = (p: number): number[] =>
    Array.from({ length: drawn.count }, (_, v) => drawn.logs[v * width + p]);
  const columns = Array.from({ length: width }, (_, p) => column(p));
  const means = columns.map((values) => mean(values));
  return columns.map((a, p) =>
    columns.map((b, q) => {
      const products = a
        .map((one, v) => (one - means[p]) * (b[v] - means[q]))
        .filter((one) => !Number.isNaN(one));
      return products.length < 2 ? null : mean(products) * Math.max(counts[p], counts[q]);
    }),
  );
}

function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Variance of the count-weighted slope when size p has counts[p] replicates, replicates shared between sizes. */
export function slopeVariance(
  x: ArrayLike<number>,
  counts: readonly number[],
  perReplicate: readonly (readonly (number | null)[])[],
): number {
  const at = counts.map((_, p) => p).filter((p) => perReplicate[p][p] !== null && counts[p] > 0);
  const weight = at.reduce((sum, p) => sum + counts[p], 0);
  const centre = at.reduce((sum, p) => sum + counts[p] * x[p], 0) / weight;
  const sxx = at.reduce((sum, p) => sum + counts[p] * (x[p] - centre) ** 2, 0);
  let variance = 0;
  for (const p of at) {
    for (const q of at) {
      const shared = (perReplicate[p][q] ?? 0) / Math.max(counts[p], counts[q]);
      variance += ((counts[p] * (x[p] - centre)) / sxx) * ((counts[q] * (x[q] - centre)) / sxx) * shared;
    }
  }
  return variance;
}
