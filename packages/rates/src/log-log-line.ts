/** Intercept (log statistic at n = 1) and slope of a weighted log-log line. */
export interface LogLogLine {
  readonly slope: number;
  readonly intercept: number;
}

/** Weighted least-squares line through the points with a height, computed about their weighted centre and corrected for its rounding (what the
 *  deviations add up to); `null` with fewer than two. */
export function logLogLine(x: Float64Array, logs: Float64Array, weights: Float64Array): LogLogLine | null {
  let [points, total, sumX, sumY] = [0, 0, 0, 0];
  for (let p = 0; p < x.length; p++) {
    if (!usable(logs[p], weights[p])) continue;
    points++;
    total += weights[p];
    sumX += weights[p] * x[p];
    sumY += weights[p] * logs[p];
  }
  if (points < 2) return null;
  const [centreX, centreY] = [sumX / total, sumY / total];
  let [sxx, sxy, restX, restY] = [0, 0, 0, 0];
  for (let p = 0; p < x.length; p++) {
    if (!usable(logs[p], weights[p])) continue;
    const [dx, dy] = [x[p] - centreX, logs[p] - centreY];
    restX += weights[p] * dx;
    restY += weights[p] * dy;
    sxx += weights[p] * dx ** 2;
    sxy += weights[p] * dx * dy;
  }
  const slope = (sxy - (restX * restY) / total) / (sxx - restX ** 2 / total);
  return { slope, intercept: centreY + restY / total - slope * (centreX + restX / total) };
}

/** Slope of `logLogLine`. */
export function slopeOf(x: Float64Array, logs: Float64Array, weights: Float64Array): number | null {
  return logLogLine(x, logs, weights)?.slope ?? null;
}

/** Whether a point takes part in a regression. */
export function usable(log: number, weight: number): boolean {
  return weight > 0 && !Number.isNaN(log);
}
