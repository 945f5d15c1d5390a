/** Where a fitted atom wants the gates to be translated to: a_i = beta1_j* - beta1_i. */
export interface Anchor {
  readonly mass: number;
  /** The distance counts squared (over-specified cell) or once (exact cell). */
  readonly squared: boolean;
  readonly at: Float64Array;
}

/** F(t) = sum_exact w_i ||t - a_i|| + sum_over w_i ||t - a_i||^2: the part of D1 that depends on t1 while the cells stand still. */
export function shiftCost(anchors: readonly Anchor[], t: Float64Array): number {
  let sum = 0;
  for (const { mass, squared, at } of anchors) {
    if (mass === 0) continue;
    const square = squaredDistance(t, at);
    sum += mass * (squared ? square : Math.sqrt(square));
  }
  return sum;
}

/**
 * Minimiser over t of the convex F.
 *
 * An exact anchor is the minimiser if and only if the gradient of all other terms there is at most its own mass; every exact anchor is tested first.
 * Otherwise Weiszfeld's iteration with the squared terms added to its weights, from the centre of all anchors, until F falls by less than a
 * relative 1e-13.
 */
export function minimiseShift(anchors: readonly Anchor[], d: number): Float64Array {
  for (const anchor of anchors) {
    if (!anchor.squared && anchor.mass > 0 && isMinimum(anchors, anchor.at))
      return Float64Array.from(anchor.at);
  }
  const minimum = new Float64Array(d);
  weightedCentre(anchors, undefined, minimum);
  if (anchors.every((anchor) => anchor.squared)) return minimum;
  const next = new Float64Array(d);
  let cost = shiftCost(anchors, minimum);
  for (let iteration = 0; iteration < 200; iteration++) {
    weightedCentre(anchors, minimum, next);
    const nextCost = shiftCost(anchors, next);
    if (!(nextCost < cost)) break;
    const gain = cost - nextCost;
    minimum.set(next);
    cost = nextCost;
    if (gain <= 1e-13 * cost) break;
  }
  return minimum;
}

/**
 * Writes the mean of the anchors to `out`, weighted by 2 w_i (squared) and w_i / ||t - a_i|| (exact): the minimiser of the quadratic majorant of F
 * that touches it at t. Without t every anchor counts w_i. A distance is taken to be at least 1e-14 of the largest, so that t may leave an anchor.
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
    const { mass, squared, at } = anchors[i];
    const weight = t === undefined ? mass : squared ? 2 * mass : mass / Math.max(distances[i], least);
    total += weight;
    for (let u = 0; u < out.length; u++) out[u] += weight * at[u];
  }
  if (total > 0) for (let u = 0; u < out.length; u++) out[u] /= total;
}

/** Whether 0 lies in the subdifferential of F at the exact anchor t. */
function isMinimum(anchors: readonly Anchor[], t: Float64Array): boolean {
  const gradient = new Float64Array(t.length);
  let massHere = 0;
  for (const { mass, squared, at } of anchors) {
    const distance = squared ? 0.5 : Math.sqrt(squaredDistance(t, at));
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
