/** Euclidean projection of theta, in place, onto {lower <= theta <= upper, sum over every group = 0}. Groups are disjoint.
 *  Within a group the projection is clip(theta - t) with the t that makes the sum 0, found by bisection on a monotone function. */
export function projectOntoPolytope(
  theta: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  sumZero: readonly Int32Array[],
): void {
  for (const group of sumZero) {
    let mean = 0;
    for (const i of group) mean += theta[i];
    mean /= group.length;
    let inside = true;
    for (const i of group) if (theta[i] - mean < lower[i] || theta[i] - mean > upper[i]) inside = false;
    let shift = mean;
    if (!inside) {
      let low = Infinity;
      let high = -Infinity;
      for (const i of group) {
        low = Math.min(low, theta[i] - upper[i]);
        high = Math.max(high, theta[i] - lower[i]);
      }
      for (let step = 0; step < 200 && high > low; step++) {
        const middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) break;
        let sum = 0;
        for (const i of group) sum += clip(theta[i] - middle, lower[i], upper[i]);
        if (sum > 0) low = middle;
        else high = middle;
      }
      shift = low + (high - low) / 2;
    }
    for (const i of group) theta[i] -= shift;
  }
  for (let i = 0; i < theta.length; i++) theta[i] = clip(theta[i], lower[i], upper[i]);
}

function clip(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
