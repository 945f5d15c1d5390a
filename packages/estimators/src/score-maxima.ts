import type { Stream } from "@moe-rates/math";
import type { MixtureModel, NamedShared } from "@moe-rates/mixture";
import { ascend } from "./ascend.ts";
import { modelBox } from "./mixture-problem.ts";
import { interceptIndex, isShared } from "./atom-layout.ts";
import { drawChannel } from "./random-start.ts";
import type { ScoreField } from "./score-field.ts";
import type { FitData } from "./screening-data.ts";

/** A promising place for an added atom. */
export interface ScoreMaximum {
  readonly point: Float64Array;
  gain: number;
}

/** Tournaments, in turn: random points that compete, and steps of ascent of the winner. Small ones keep the starts varied, large ones
 *  find the narrow hills. */
const TOURNAMENTS = [
  { points: 2, climb: 0 },
  { points: 8, climb: 6 },
  { points: 40, climb: 6 },
];
/** Two points are on the same hill when the effects of their atoms on f have a higher correlation. */
const SAME_HILL = 0.98;

/** Bounds of an added atom next to the k - 1 atoms of `parent`, whose mean gate is 0: with k atoms the mean moves by 1/k of the new gate, so gate
 *  parameters that a gauge shifts may lie up to box * k / (k - 1) from the old mean. For others, and for experts, the box itself; shared parameters
 *  keep the parent's values. */
export function addedAtomBounds(
  single: MixtureModel,
  box: number,
  k: number,
  parent: NamedShared,
): { lower: Float64Array; upper: Float64Array } {
  const { lower, upper, sumZero } = modelBox(single, box);
  for (const group of sumZero) {
    for (const i of group) {
      upper[i] = (box * k) / (k - 1);
      lower[i] = -upper[i];
    }
  }
  for (const channel of single.channels) {
    if (!isShared(channel)) continue;
    const { names, parameter } = channel;
    names.forEach((name, t) => (lower[parameter + t] = upper[parameter + t] = Number(parent[name])));
  }
  return { lower, upper };
}

/** Up to `count` places of high predicted gain, largest first: `count` tournaments of random points (half of them with the small-mass
 *  optimum as their mass, half taking over a region whose border runs through a random observation), a short climb by each winner, one
 *  place per hill. Many tournaments, not one large one: the basin that wins in the end is often not on the hill with the
 *  largest predicted gain. */
export function scoreMaxima(request: {
  readonly field: ScoreField;
  readonly data: FitData;
  readonly bounds: { readonly lower: Float64Array; readonly upper: Float64Array };
  readonly random: Stream;
  readonly count: number;
}): ScoreMaximum[] {
  const { field, data, bounds, random, count } = request;
  const { single } = field;
  const { lower, upper } = bounds;
  const intercept = interceptIndex(single, 0);
  const box = upper[single.parameterCount - 1];
  const candidate = (smallMass: boolean, floor: number): ScoreMaximum => {
    const point = new Float64Array(single.parameterCount);
    for (const channel of single.channels) {
      if (isShared(channel))
        point.set(lower.subarray(channel.parameter, channel.parameter + channel.terms), channel.parameter);
      else drawChannel(channel, data, box, random, point);
    }
    const row = random.integer(data.y.length);
    const mass =
      (smallMass ? field.smallMassIntercept(point) : null) ?? field.halfWeightIntercept(point, row);
    if (mass !== null) point[intercept] = mass;
    for (let i = 0; i < point.length; i++) point[i] = Math.min(upper[i], Math.max(lower[i], point[i]));
    return { point, gain: field.gain(point, null, floor) };
  };
  const winners = Array.from({ length: count }, (_, i) => {
    const { points, climb } = TOURNAMENTS[i % TOURNAMENTS.length];
    let winner = candidate(i % 2 === 0, -Infinity);
    for (let c = 1; c < points; c++) {
      const other = candidate(c % 2 === 0, winner.gain);
      if (other.gain > winner.gain) winner = other;
    }
    if (climb > 0) winner.gain = ascend(field.gain, winner.point, lower, upper, climb);
    return winner;
  });
  return hills(field, winners, count, SAME_HILL);
}

function best(candidates: ScoreMaximum[], keep: number): ScoreMaximum[] {
  return candidates.toSorted((a, b) => b.gain - a.gain).slice(0, keep);
}

/** The best point of every hill, at most `keep`: a point is on the hill of a better one when the effects of the two atoms on f, less what
 *  the other parameters can do, have a correlation above `correlation`. */
function hills(
  field: ScoreField,
  candidates: ScoreMaximum[],
  keep: number,
  correlation: number,
): ScoreMaximum[] {
  const tops: { maximum: ScoreMaximum; direction: Float64Array }[] = [];
  for (const maximum of best(candidates, candidates.length)) {
    if (tops.length >= keep) break;
    const direction = field.direction(maximum.point);
    const known = tops.some((top) => product(direction, top.direction) > correlation);
    if (!known) tops.push({ maximum, direction });
  }
  return tops.map(({ maximum }) => maximum);
}

/** Inner product, in four sums. */
function product(a: Float64Array, b: Float64Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 4) {
    first += a[i] * b[i];
    second += a[i + 1] * b[i + 1];
    third += a[i + 2] * b[i + 2];
    fourth += a[i + 3] * b[i + 3];
  }
  return first + second + third + fourth;
}
