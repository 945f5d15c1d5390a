/** Where a fitted atom wants the gates to be translated to: a_i = beta1_j* - beta1_i. */
export interface Anchor {
  readonly mass: number;
  /** Power r of the distance. Either every anchor of a list has 1 or 2, or all have the same. */
  readonly power: number;
  readonly at: Float64Array;
}

/** F(t) = sum_i w_i ||t - a_i||^r_i: the part of a loss that depends on t1 while the cells stand still. */
export function shiftCost(anchors: readonly Anchor[], t: Float64Array): number {
  let sum = 0;
  for (const { mass, power, at } of anchors) {
    if (mass === 0) continue;
    const square = squaredDistance(t, at);
    sum += mass * (power === 2 ? square : power === 1 ? Math.sqrt(square) : square ** (power / 2));
  }
  return sum;
}

/**
 * Minimiser over t of the convex F.
 *
 * An anchor of power 1 is the minimiser if and only if the gradient of all other terms there is at most its own mass; every such anchor is tested
 * first. Otherwise Weiszfeld's iteration with the other powers added to its weights, from the centre of all anchors, until F falls by less than a
 * relative 1e-13.
 */
export function minimiseShift(anchors: readonly Anchor[], d: number): Float64Array {
  for (const anchor of anchors) {
    if (anchor.power === 1 && anchor.mass > 0 && isMinimum(anchors, anchor.at))
      return Float64Array.from(anchor.at);
  }
  const minimum = new Float64Array(d);
  weightedCentre(anchors, undefined, minimum);
  if (anchors.every((anchor) => anchor.power === 2)) return minimum;
  const next = new Float64Array(d);
  let cost = shiftCost(anchors, minimum);
  for (let iteration = 0; iteration < 200; iteration++) {
    weightedCentre(anchors, minimum, next);
    const nextCost = costTowards(anchors, minimum, next, cost);
    if (!(nextCost < cost)) break;
    const gain = cost - nextCost;
    minimum.set(next);
    cost = nextCost;
    if (gain <= 1e-13 * cost) break;
  }
  return minimum;
}

/** F(next). Where powers above 2 have made F rise from its value `cost` at t, `next` is first moved back towards t until F falls. */
export function costTowards(
  anchors: readonly Anchor[],
  t: Float64Array,
  next: Float64Array,
  cost: number,
): number {
  let nextCost = shiftCost(anchors, next);
  if (!((anchors[0]?.power ?? 1) > 2)) return nextCost;
  for (let halving = 0; halving < 40 && !(nextCost < cost); halving++) {
    for (let u = 0; u < next.length; u++) next[u] = 0.5 * (t[u] + next[u]);
    nextCost = shiftCost(anchors, next);
  }
  return nextCost;
}

/**
 * Writes the mean of the anchors to `out`, weighted by r w_i ||t - a_i||^(r - 2): for powers up to 2 the minimiser of the quadratic majorant of F that
 * touches it at t. For r > 2 only 1/(r - 1) of the way from t to that mean, F then curving up to r - 1 times as much. Without t every anchor counts w_i.
 * A distance is taken to be at least 1e-14 of the largest, so that t may leave an anchor.
 */
export function weightedCentre(
  anchors: readonly Anchor[],
  t: Float64Array | undefined,
  out: Float64Array,
): void {
  let largest = 0;
  const distances = new Float64Array(anchors.length).fill(1);
  if (t !== undefined) {
    for (let i = 0; i < anchors.length; i++) {
      distances[i] = Math.sqrt(squaredDistance(t, anchors[i].at));
      largest = Math.max(largest, distances[i]);
    }
  }
  const least = Math.max(1e-14 * largest, 1e-300);
  let total = 0;
  out.fill(0);
  for (let i = 0; i < anchors.length; i++) {
    const { mass, power, at } = anchors[i];
    let weight = mass;
    if (t !== undefined) {
      const distance = Math.max(distances[i], least);
      if (power === 2) weight = 2 * mass;
      else if (power === 1) weight = mass / distance;
      else weight = mass * (distance / Math.max(largest, 1e-300)) ** (power - 2);
    }
    total += weight;
    for (let u = 0; u < out.length; u++) out[u] += weight * at[u];
  }
  if (total > 0) for (let u = 0; u < out.length; u++) out[u] /= total;
  const power = anchors[0]?.power ?? 1;
  if (t !== undefined && power > 2)
    for (let u = 0; u < out.length; u++) out[u] = t[u] + (out[u] - t[u]) / (power - 1);
}

/** Whether 0 lies in the subdifferential of F at the exact anchor t. */
function isMinimum(anchors: readonly Anchor[], t: Float64Array): boolean {
  const gradient = new Float64Array(t.length);
  let massHere = 0;
  for (const { mass, power, at } of anchors) {
    const distance = power === 2 ? 0.5 : Math.sqrt(squaredDistance(t, at));
    if (distance === 0) massHere += mass;
    else for (let u = 0; u < t.length; u++) gradient[u] += (mass / distance) * (t[u] - at[u]);
  }
  return gradient.reduce((sum, value) => sum + value * value, 0) <= massHere * massHere;
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let u = 0; u < a.length; u++) sum += (a[u] - b[u]) ** 2;
  return sum;
}
