import type { MixingMeasure } from "@moe-rates/mixture";
import { assertComparable } from "./assert-comparable.ts";
import { atomDifferences, type AtomDifferences } from "./atom-differences.ts";
import { onceOrSquared } from "./loss-form.ts";
import { softmaxForm } from "./shift-measure.ts";
import { transportPlan } from "./transport-plan.ts";

/** A Wasserstein distance in parts. */
export interface Wasserstein {
  readonly total: number;
  /** `transport` between the normalised measures and, where masses have no common factor to choose, `mass`: |sum w - sum w*|. They add up to the total. */
  readonly components: Record<string, number>;
  /** Where the fit was translated to. */
  readonly t1: Float64Array;
}

const ROUNDS = 50;

/**
 * Wasserstein distance of order r >= 1 between two measures, generalised to measures of unequal mass: with both normalised,
 *   (min over couplings q of sum_ij q_ij ||(beta1_i + t1 - beta1_j*, eta_i - eta_j*)||^r)^(1/r),
 * the smallest over t1 where the gauge is a translation; plus |sum_i w_i - sum_j w_j*| where the gauge is "none" (elsewhere the common factor of the masses
 * is free). Measures with a temperature and slopes count in their softmax form; a router's tau is left out.
 *
 * The coupling is exact for every t1 (`transportPlan`). Over t1: from every beta1_j* - beta1_i and the difference of the means, the best coupling and the
 * best t1 for it take turns; for a coupling the cost is convex in t1.
 */
export function wasserstein(order: number, fitted: MixingMeasure, truth: MixingMeasure): Wasserstein {
  const [own, reference] = [softmaxForm(fitted), softmaxForm(truth)];
  if (fitted.groups !== undefined || truth.groups !== undefined)
    throw new TypeError("a Wasserstein distance of measures with groups is not defined here");
  assertComparable(own, reference);
  const differences = atomDifferences(own, reference, {
    power: onceOrSquared,
    weighted: true,
    temperature: false,
    blocks: false,
  });
  const [supply, demand] = [differences.weights, differences.trueMasses].map(normalised);
  const still = new Float64Array(differences.d);
  let best: { cost: number; t1: Float64Array } = { cost: Infinity, t1: still };
  const starts =
    truth.gauge === "translation"
      ? [meanShift(differences, supply, demand), ...differences.offsets, still]
      : [still];
  for (const start of starts) {
    let t1 = start;
    for (let round = 0; round < ROUNDS; round++) {
      const { plan, cost } = transportPlan(costsAt(differences, t1, order), supply, demand);
      const gained = best.cost - cost;
      if (cost < best.cost) best = { cost, t1 };
      if (truth.gauge !== "translation") break;
      const next = bestShift(differences, plan, t1, order);
      if (planCost(differences, plan, next, order) >= cost * (1 - 1e-12)) break;
      if (round > 3 && gained < 0 && cost > 3 * best.cost) break;
      t1 = next;
    }
  }
  const transport = best.cost ** (1 / order);
  const { t1 } = best;
  if (truth.gauge !== "none") return { total: transport, components: {}, t1 };
  const sum = (masses: Float64Array) => masses.reduce((total, mass) => total + mass, 0);
  const mass = Math.abs(sum(differences.weights) - sum(differences.trueMasses));
  return { total: transport + mass, components: { transport, mass }, t1 };
}

function normalised(masses: Float64Array): Float64Array {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return masses.map((mass) => mass / total);
}

/** Squared ||beta1_i + t1 - beta1_j*||^2 + ||eta_i - eta_j*||^2 at `i * m + j`. */
function squareAt({ d, gate, expert }: AtomDifferences, t1: Float64Array, at: number): number {
  let square = expert[at] ** 2;
  for (let u = 0; u < d; u++) square += (gate[at * d + u] + t1[u]) ** 2;
  return square;
}

function costsAt(differences: AtomDifferences, t1: Float64Array, order: number): Float64Array {
  return differences.expert.map((_, at) => squareAt(differences, t1, at) ** (order / 2));
}

function planCost(differences: AtomDifferences, plan: Float64Array, t1: Float64Array, order: number): number {
  return plan.reduce(
    (sum, mass, at) => (mass > 0 ? sum + mass * squareAt(differences, t1, at) ** (order / 2) : sum),
    0,
  );
}

/** Difference of the mean gates. */
function meanShift(
  { k, m, d, gate }: AtomDifferences,
  supply: Float64Array,
  demand: Float64Array,
): Float64Array {
  const mean = new Float64Array(d);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < m; j++)
      for (let u = 0; u < d; u++) mean[u] -= supply[i] * demand[j] * gate[(i * m + j) * d + u];
  }
  return mean;
}

/** Minimiser over t1 of the cost of a fixed coupling: iteratively reweighted means, damped for orders above 2. */
function bestShift(
  differences: AtomDifferences,
  plan: Float64Array,
  from: Float64Array,
  order: number,
): Float64Array {
  const { d, gate } = differences;
  let t1 = from;
  let cost = planCost(differences, plan, t1, order);
  for (let iteration = 0; iteration < 200; iteration++) {
    const squares = plan.map((_, at) => squareAt(differences, t1, at));
    const largest = squares.reduce((most, square, at) => (plan[at] > 0 ? Math.max(most, square) : most), 0);
    if (largest === 0) return t1;
    const mean = new Float64Array(d);
    let total = 0;
    plan.forEach((mass, at) => {
      if (!(mass > 0)) return;
      const weight = mass * Math.max(squares[at] / largest, 1e-28) ** (order / 2 - 1);
      total += weight;
      for (let u = 0; u < d; u++) mean[u] -= weight * gate[at * d + u];
    });
    let step = 1 / Math.max(1, order - 1);
    let next = t1;
    let nextCost = Infinity;
    for (let halving = 0; halving < 40 && !(nextCost < cost); halving++, step /= 2) {
      next = t1.map((value, u) => value + step * (mean[u] / total - value));
      nextCost = planCost(differences, plan, next, order);
    }
    if (!(nextCost < cost)) break;
    const gain = cost - nextCost;
    [t1, cost] = [next, nextCost];
    if (gain <= 1e-13 * cost) break;
  }
  return t1;
}
