import type { MeasureGroup } from "@moe-rates/mixture";
import { raise } from "./loss-form.ts";
import { minimiseShift, shiftCost } from "./shift-minimiser.ts";
import { transportPlan } from "./transport-plan.ts";

/** Groups to be matched one to one. */
export interface GroupMatchingRequest {
  readonly groups: readonly MeasureGroup[];
  readonly truth: readonly MeasureGroup[];
  /** Power of ||Delta a||. */
  readonly power: number;
  /** Loss of fitted group i's atoms against true group j's. */
  readonly inner: readonly (readonly number[])[];
}

/** A matching with its gauge. */
export interface GroupMatching {
  /** `matched[i]` is the true group of fitted group i. */
  readonly matched: readonly number[];
  readonly t0: number;
  readonly t1: Float64Array;
}

/** c = exp(t0) up to the common scale of the masses, and t1. */
interface Gauge {
  readonly factor: number;
  readonly t1: Float64Array;
}

/** Up to so many groups every matching is tried. */
const EXHAUSTIVE = 6;
const ROUNDS = 30;

/**
 * The matching and the (t0, t1) that minimise sum_i |c w_i - w*_j(i)| + c sum_i w_i (||a_i + t1 - a*_j(i)||^p + inner_ij(i)), w = e^b and c = e^t0.
 *
 * For a matching the sum is convex in t1 whatever c, and c is one of the w*_j(i) / w_i. Up to 6 groups all matchings are compared; with more, from every
 * pair of groups brought together, the best matching at (c, t1) and the best (c, t1) of the matching take turns.
 */
export function matchGroups(request: GroupMatchingRequest): GroupMatching {
  const { groups, truth, power, inner } = request;
  const d = truth[0].a.length;
  const scale = Math.max(...groups.map(({ b }) => b));
  const weights = groups.map(({ b }) => Math.exp(b - scale));
  const masses = truth.map(({ b }) => Math.exp(b));
  const offset = (i: number, j: number) => truth[j].a.map((value, u) => value - groups[i].a[u]);
  let best: { loss: number; factor: number; matched: readonly number[]; t1: Float64Array } | undefined;

  const settle = (matched: readonly number[]): Gauge => {
    const anchors = matched.map((j, i) => ({ mass: weights[i], power, at: offset(i, j) }));
    const t1 = minimiseShift(anchors, d);
    const slope = matched.reduce((sum, j, i) => sum + weights[i] * inner[i][j], shiftCost(anchors, t1));
    let [factor, loss] = [1, Infinity];
    matched.forEach((target, from) => {
      const c = masses[target] / weights[from];
      if (!(c > 0 && c < Infinity)) return;
      const value = matched.reduce((sum, j, i) => sum + Math.abs(c * weights[i] - masses[j]), c * slope);
      if (value < loss) [factor, loss] = [c, value];
    });
    if (best === undefined || loss < best.loss) best = { loss, factor, matched, t1 };
    return { factor, t1 };
  };

  if (groups.length <= EXHAUSTIVE) {
    for (const matched of permutations(groups.length)) settle(matched);
  } else {
    for (let from = 0; from < groups.length; from++) {
      for (let to = 0; to < groups.length; to++) {
        let gauge: Gauge = { factor: masses[to] / weights[from], t1: offset(from, to) };
        let before = "";
        for (let round = 0; round < ROUNDS; round++) {
          const matched = bestMatching(request, weights, masses, gauge);
          if (matched.join() === before) break;
          before = matched.join();
          gauge = settle(matched);
        }
      }
    }
  }
  return { matched: best!.matched, t0: Math.log(best!.factor) - scale, t1: best!.t1 };
}

/** The matching that costs least at a given gauge. */
function bestMatching(
  { groups, truth, power, inner }: GroupMatchingRequest,
  weights: readonly number[],
  masses: readonly number[],
  { factor, t1 }: Gauge,
): number[] {
  const count = groups.length;
  const costs = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const distance = Math.hypot(...groups[i].a.map((value, u) => value + t1[u] - truth[j].a[u]));
      const weight = factor * weights[i];
      costs[i * count + j] = Math.abs(weight - masses[j]) + weight * (raise(distance, power) + inner[i][j]);
    }
  }
  const one = new Float64Array(count).fill(1);
  const { plan } = transportPlan(costs, one, one);
  return groups.map((_, i) => plan.subarray(i * count, (i + 1) * count).findIndex((flow) => flow > 0.5));
}

function* permutations(count: number, head: readonly number[] = []): Generator<readonly number[]> {
  if (head.length === count) yield head;
  for (let next = 0; next < count; next++)
    if (!head.includes(next)) yield* permutations(count, [...head, next]);
}
