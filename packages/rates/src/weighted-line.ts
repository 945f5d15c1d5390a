/** One point of a weighted regression; a `null` height takes no part. */
export interface LinePoint {
  x: number;
  y: number | null;
  weight: number;
}

/** A fitted straight line y = intercept + slope x. */
export interface Line {
  slope: number;
  intercept: number;
  /** Weighted R^2, `null` when the heights are constant (weighted standard deviation at most 1e-12). */
  r2: number | null;
}

/**
 * Weighted least-squares line; `null` with fewer than two points of different x.
 *
 * With W = sum w, x~ = sum w x / W, y~ = sum w y / W, and S_xx, S_xy, S_yy the weighted sums of squares and products about (x~, y~), corrected for the rounding of that centre:
 * slope = S_xy / S_xx, intercept = y~ - slope x~, R^2 = S_xy^2 / (S_xx S_yy).
 */
export function weightedLine(points: readonly LinePoint[]): Line | null {
  const used = points.filter((point): point is LinePoint & { y: number } => point.y !== null);
  if (new Set(used.map((point) => point.x)).size < 2) return null;
  let total = 0;
  let sumX = 0;
  let sumY = 0;
  for (const { x, y, weight } of used) {
    total += weight;
    sumX += weight * x;
    sumY += weight * y;
  }
  const centreX = sumX / total;
  const centreY = sumY / total;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  let [restX, restY] = [0, 0];
  for (const { x, y, weight } of used) {
    restX += weight * (x - centreX);
    restY += weight * (y - centreY);
    sxx += weight * (x - centreX) ** 2;
    sxy += weight * (x - centreX) * (y - centreY);
    syy += weight * (y - centreY) ** 2;
  }
  sxx -= restX ** 2 / total;
  sxy -= (restX * restY) / total;
  const slope = sxy / sxx;
  const r2 = syy > 1e-24 * total ? sxy ** 2 / (sxx * syy) : null;
  return { slope, intercept: centreY + restY / total - slope * (centreX + restX / total), r2 };
}
