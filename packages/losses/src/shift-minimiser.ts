/** Points of a `ShiftMinimiser`: anchor a_i with mass w_i, whose distance counts once (exact cells) or squared (over-specified cells). */
export interface Anchor {
  readonly mass: number;
  readonly squared: boolean;
  readonly at: Float64Array;
}

/**
 * Minimiser over t of the convex F(t) = sum_exact w_i ||t - a_i|| + sum_over w_i ||t - a_i||^2, the part of the Voronoi loss D1 that depends on
 * the gate translation t1 while the cells stand still (a_i = beta1_j* - beta1_i).
 *
 * An exact anchor is the minimiser if and only if the gradient of all other terms there is at most its own mass; every exact anchor is tested first.
 * Otherwise Weiszfeld's iteration with the squared terms added to its weights, in the form of Vardi and Zhang (PNAS 97, 2000), which leaves an
 * anchor that is not optimal, until F falls by less than a relative 1e-13.
 */
export function minimiseShift(anchors: readonly Anchor[], d: number): Float64Array {
  const minimum = new Float64Array(d);
  const next = new Float64Array(d);
  for (const anchor of anchors) {
    if (anchor.squared || anchor.mass === 0) continue;
    if (weiszfeldStep(anchors, anchor.at, next)) return Float64Array.from(anchor.at);
  }
  let mass = 0;
  for (const anchor of anchors) mass += anchor.mass;
  if (mass === 0) return minimum;
  for (const anchor of anchors) for (let u = 0; u < d; u++) minimum[u] += (anchor.mass / mass) * anchor.at[u];
  if (anchors.every((anchor) => anchor.squared)) return minimum;
  let value = objective(anchors, minimum);
  for (let iteration = 0; iteration < 200; iteration++) {
    weiszfeldStep(anchors, minimum, next);
    const nextValue = objective(anchors, next);
    if (!(nextValue < value)) break;
    const gain = value - nextValue;
    minimum.set(next);
    value = nextValue;
    if (gain <= 1e-13 * value) break;
  }
  return minimum;
}

function objective(anchors: readonly Anchor[], t: Float64Array): number {
  let sum = 0;
  for (const { mass, squared, at } of anchors) {
    const square = squaredDistance(t, at);
    sum += mass * (squared ? square : Math.sqrt(square));
  }
  return sum;
}

/** Writes the Vardi-Zhang step from t to `next`; true when t is an exact anchor and already the minimiser. */
function weiszfeldStep(anchors: readonly Anchor[], t: Float64Array, next: Float64Array): boolean {
  let massHere = 0;
  let curvature = 0;
  next.fill(0);
  for (const { mass, squared, at } of anchors) {
    let weight = 2 * mass;
    if (!squared) {
      const distance = Math.sqrt(squaredDistance(t, at));
      if (distance === 0) {
        massHere += mass;
        continue;
      }
      weight = mass / distance;
    }
    curvature += weight;
    for (let u = 0; u < t.length; u++) next[u] += weight * (at[u] - t[u]);
  }
  let pull = 0;
  for (const component of next) pull += component * component;
  pull = Math.sqrt(pull);
  const optimal = massHere > 0 && pull <= massHere;
  const step = optimal || curvature === 0 ? 0 : (massHere > 0 ? 1 - massHere / pull : 1) / curvature;
  for (let u = 0; u < t.length; u++) next[u] = t[u] + step * next[u];
  return optimal;
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let u = 0; u < a.length; u++) sum += (a[u] - b[u]) ** 2;
  return sum;
}
