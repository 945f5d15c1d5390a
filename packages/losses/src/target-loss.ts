import type { MixingMeasure } from "@moe-rates/mixture";
import { assertComparable } from "./assert-comparable.ts";

/** A loss towards the nearest of several targets. */
export interface TargetLoss {
  readonly total: number;
  /** `gate` (slopes and biases) and `expert` add up to the total. */
  readonly components: { readonly gate: number; readonly expert: number };
  /** Which target it is. */
  readonly target: number;
}

/**
 * "sigmoid-d3" of arXiv 2405.13997, regime 2: the smallest over the targets G_bar of
 *   sum_j sum_{i in A_j} (|beta0_i - beta0_j| + ||beta1_i - beta1_j|| + ||eta_i - eta_j||),
 * A_j being the Voronoi cells of the target's (beta1_j, eta_j), ties going to the lowest j. Every fitted atom counts once, coincident or not.
 *
 * @param targets measures of sigmoid gates, at least one: the best approximations of f* by as many atoms as the fit has
 */
export function targetLoss(fitted: MixingMeasure, targets: readonly MixingMeasure[]): TargetLoss {
  let best: TargetLoss | undefined;
  targets.forEach((target, index) => {
    assertComparable(fitted, target);
    if (fitted.gauge !== "none") throw new TypeError("sigmoid-d3 compares measures of sigmoid gates");
    let gate = 0;
    let expert = 0;
    for (const atom of fitted.atoms) {
      const distances = target.atoms.map((other) => ({
        bias: Math.abs(atom.beta0 - other.beta0),
        slope: Math.hypot(...atom.beta1.map((value, u) => value - other.beta1[u])),
        expert: Math.hypot(...atom.eta.map((value, s) => value - other.eta[s])),
      }));
      const squares = distances.map(({ slope, expert: own }) => slope ** 2 + own ** 2);
      const nearest = distances[squares.indexOf(Math.min(...squares))];
      gate += nearest.bias + nearest.slope;
      expert += nearest.expert;
    }
    if (best === undefined || gate + expert < best.total)
      best = { total: gate + expert, components: { gate, expert }, target: index };
  });
  if (best === undefined) throw new TypeError("a loss towards targets needs at least one target");
  return best;
}
