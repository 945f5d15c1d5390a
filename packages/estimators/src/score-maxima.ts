import type { Stream } from "@moe-rates/math";
import type { MixtureModel } from "@moe-rates/mixture";
import { ascend } from "./ascend.ts";
import { interceptIndex } from "./atom-layout.ts";
import { drawChannel } from "./random-start.ts";
import type { ScoreField } from "./score-field.ts";
import type { FitData } from "./screening-data.ts";

/** A local maximum of the predicted gain. */
export interface ScoreMaximum {
  readonly point: Float64Array;
  gain: number;
}

/** Random points per wanted maximum, and how many of them climb. */
const CANDIDATES = 100;
const CLIMBERS = 8;
/** Hills kept between generations per wanted maximum, offspring per hill, and generations. */
const ELITES = 3;
const OFFSPRING = 10;
const GENERATIONS = 1;
/** Steps of the first and of the last ascent. */
const SHORT_CLIMB = 4;
const LONG_CLIMB = 20;

/** Bounds of an added atom next to k - 1 atoms whose mean gate is 0: with k atoms the mean moves by 1/k of the new gate, so the new gate may
 *  lie up to box * k / (k - 1) from the old mean. Without a gauge, and for experts, the box itself. */
export function addedAtomBounds(
  single: MixtureModel,
  box: number,
  k: number,
): { lower: Float64Array; upper: Float64Array } {
  const upper = new Float64Array(single.parameterCount).fill(box);
  if (single.gating.gauge === "translation") {
    for (const channel of single.channels) {
      if (channel.part === "gate")
        upper.fill((box * k) / (k - 1), channel.parameter, channel.parameter + channel.terms);
    }
  }
  return { lower: upper.map((value) => -value), upper };
}

/** Up to `count` distinct local maxima of the predicted gain, largest first.
 *
 *  Random points first (half of them with the small-mass optimum as their mass, half taking over a region whose border runs through a random
 *  observation), a short climb from the promising ones. Then a few generations of offspring of the best hills: gate or expert drawn anew,
 *  taken from another hill, or moved a little. Last a longer climb from the hills that are left. */
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
  const settle = (point: Float64Array, smallMass: boolean): ScoreMaximum | null => {
    const mass = smallMass
      ? field.smallMassIntercept(point)
      : field.halfWeightIntercept(point, random.integer(data.y.length));
    if (mass === null && smallMass && single.gating.gauge === "translation") return null;
    if (mass !== null) point[intercept] = mass;
    for (let i = 0; i < point.length; i++) point[i] = Math.min(upper[i], Math.max(lower[i], point[i]));
    return { point, gain: field.gain(point, null) };
  };
  const climb = (points: ScoreMaximum[], steps: number): ScoreMaximum[] => {
    for (const candidate of points) candidate.gain = ascend(field.gain, candidate.point, lower, upper, steps);
    return points;
  };
  const collect = (
    draws: number,
    draw: () => { point: Float64Array; smallMass: boolean | null },
  ): ScoreMaximum[] => {
    let kept: ScoreMaximum[] = [];
    for (let c = 0; c < draws; c++) {
      const { point, smallMass } = draw();
      const settled =
        smallMass === null ? { point, gain: field.gain(point, null) } : settle(point, smallMass);
      if (settled) kept.push(settled);
      if (kept.length > 4 * CLIMBERS * count) kept = best(kept, CLIMBERS * count);
    }
    return climb(best(kept, CLIMBERS * count), SHORT_CLIMB);
  };

  let elites = hills(
    field,
    collect(CANDIDATES * count, () => {
      const point = new Float64Array(single.parameterCount);
      for (const channel of single.channels) drawChannel(channel, data, box, random, point);
      return { point, smallMass: random.uniform() < 0.5 };
    }),
    ELITES * count,
    0.97,
  );
  for (let generation = 0; generation < GENERATIONS && elites.length > 0; generation++) {
    const parents = elites;
    const offspring = collect(OFFSPRING * parents.length, () =>
      mutate(single, parents, data, box, bounds, random),
    );
    elites = hills(field, [...parents, ...offspring], ELITES * count, 0.97);
  }
  return hills(field, climb(elites, LONG_CLIMB), count, 0.9);
}

/** An offspring of a random parent. `smallMass` says how its mass is chosen anew, null that it is kept. */
function mutate(
  single: MixtureModel,
  parents: readonly ScoreMaximum[],
  data: FitData,
  box: number,
  { lower, upper }: { readonly lower: Float64Array; readonly upper: Float64Array },
  random: Stream,
): { point: Float64Array; smallMass: boolean | null } {
  const point = parents[random.integer(parents.length)].point.slice();
  const kind = random.integer(4);
  const part = random.uniform() < 0.5 ? "gate" : "expert";
  const donor = parents[random.integer(parents.length)].point;
  for (const channel of single.channels) {
    if (kind < 2 && channel.part !== part) continue;
    if (kind === 0) drawChannel(channel, data, box, random, point);
    else if (kind === 1)
      for (let t = 0; t < channel.terms; t++) point[channel.parameter + t] = donor[channel.parameter + t];
    else {
      const stretch = Math.exp((kind === 2 ? 0.2 : 0.6) * random.normal());
      let size = 0;
      for (let t = 0; t < channel.terms; t++) size = Math.max(size, Math.abs(point[channel.parameter + t]));
      for (let t = 0; t < channel.terms; t++) {
        const i = channel.parameter + t;
        point[i] = point[i] * stretch + (kind === 2 ? 0.1 : 0.3) * size * random.normal();
      }
    }
  }
  for (let i = 0; i < point.length; i++) point[i] = Math.min(upper[i], Math.max(lower[i], point[i]));
  const anew = part === "gate" && kind < 2;
  return {
    point,
    smallMass: kind === 2 ? null : anew || random.uniform() < 0.5 ? random.uniform() < 0.6 : null,
  };
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
    if (tops.length >= keep || !(maximum.gain > 0)) break;
    const direction = field.direction(maximum.point);
    const known = tops.some((top) => {
      let dot = 0;
      for (let i = 0; i < direction.length; i++) dot += direction[i] * top.direction[i];
      return dot > correlation;
    });
    if (!known) tops.push({ maximum, direction });
  }
  return tops.map(({ maximum }) => maximum);
}
