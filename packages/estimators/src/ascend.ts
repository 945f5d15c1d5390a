/** Local maximum of a smooth function over a box by BFGS with backtracking, at most `iterations` steps; `point` is moved in place.
 *  Rough on purpose: it prepares starts, it does not decide results. Returns the value reached. */
export function ascend(
  evaluate: (point: Float64Array, gradient: Float64Array | null) => number,
  point: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  iterations: number,
): number {
  const p = point.length;
  const inverse = new Float64Array(p * p);
  const gradient = new Float64Array(p);
  const nextGradient = new Float64Array(p);
  const direction = new Float64Array(p);
  const trial = new Float64Array(p);
  const image = new Float64Array(p);
  let value = evaluate(point, gradient);
  let fresh = true;
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (fresh) {
      inverse.fill(0);
      for (let i = 0; i < p; i++)
        inverse[i * p + i] =
          (0.3 * Math.max(0.3, Math.abs(point[i]))) ** 2 / Math.max(1e-12, Math.abs(value));
    }
    let slope = 0;
    for (let i = 0; i < p; i++) {
      let sum = 0;
      for (let j = 0; j < p; j++) sum += inverse[i * p + j] * gradient[j];
      direction[i] = sum;
      slope += sum * gradient[i];
    }
    if (!(slope > 1e-6 * Math.abs(value))) return value;
    let reached = -Infinity;
    let length = 1;
    for (let halving = 0; halving < 6; halving++, length *= 0.3) {
      for (let i = 0; i < p; i++)
        trial[i] = Math.min(upper[i], Math.max(lower[i], point[i] + length * direction[i]));
      reached = evaluate(trial, nextGradient);
      if (reached > value + 1e-3 * length * slope) break;
      reached = -Infinity;
    }
    if (!(reached > value)) {
      if (fresh) return value;
      fresh = true;
      continue;
    }
    let curvature = 0;
    for (let i = 0; i < p; i++) curvature -= (trial[i] - point[i]) * (nextGradient[i] - gradient[i]);
    fresh = !(curvature > 1e-12);
    if (!fresh) {
      let scale = 0;
      for (let i = 0; i < p; i++) {
        let sum = 0;
        for (let j = 0; j < p; j++) sum += inverse[i * p + j] * (gradient[j] - nextGradient[j]);
        image[i] = sum;
        scale += sum * (gradient[i] - nextGradient[i]);
      }
      for (let i = 0; i < p; i++) {
        const si = trial[i] - point[i];
        for (let j = 0; j < p; j++) {
          const sj = trial[j] - point[j];
          inverse[i * p + j] +=
            ((1 + scale / curvature) * si * sj - image[i] * sj - si * image[j]) / curvature;
        }
      }
    }
    const gained = reached - value;
    point.set(trial);
    gradient.set(nextGradient);
    value = reached;
    if (gained < 1e-3 * Math.abs(value)) return value;
  }
  return value;
}
