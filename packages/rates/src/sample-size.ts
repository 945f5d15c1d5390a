import { estimateOf, type Estimate } from "./estimate.ts";
import { logLogLine } from "./log-log-line.ts";
import type { ResampledSeries } from "./resampled-series.ts";

/** How many observations bring the statistic of a loss down to epsilon. */
export interface NeededSampleSize {
  readonly epsilon: number;
  /** Observations, rounded up; `null` when the fitted loss does not fall. */
  readonly n: number | null;
  /** 95 % interval; the upper end is `null` (no bound) when slopes that do not fall are compatible with the data. */
  readonly ci: readonly [number, number | null] | null;
  /** Whether n lies outside the sample sizes of the study. */
  readonly extrapolated: boolean;
}

/**
 * Inverts the log-log line: log n = (log epsilon - intercept) / slope. The interval inverts the line as well: it holds every n at which the line's error
 * allows the statistic to be epsilon, { n : |intercept + slope log n - log epsilon| <= t se(n) } (Fieller), with se(n) from the resamples. `epsilon` > 0.
 */
export function neededSampleSize(series: ResampledSeries, epsilon: number, level = 0.95): NeededSampleSize {
  if (!(epsilon > 0 && epsilon < Infinity))
    throw new RangeError(`epsilon must be a positive number, got ${epsilon}`);
  const target = Math.log(epsilon);
  const line = logLogLine(series.x, series.logs, series.weights);
  const { sizes } = series.sample;
  if (line === null || !(line.slope < 0)) return { epsilon, n: null, ci: null, extrapolated: true };
  const logN = (target - line.intercept) / line.slope;
  const excess = (at: number): Estimate =>
    estimateOf(
      series,
      (x, logs, weights) => {
        const one = logLogLine(x, logs, weights);
        return one && one.intercept + one.slope * at - target;
      },
      level,
    );
  const [low, high] = [edge(excess, logN, -1), edge(excess, logN, 1)];
  const n = Math.ceil(Math.exp(logN) - 1e-9);
  const extrapolated = n < sizes[0] || n > sizes[sizes.length - 1];
  if (low === undefined || high === undefined) return { epsilon, n, ci: null, extrapolated };
  return {
    epsilon,
    n,
    ci: [
      low === null ? 1 : Math.max(1, Math.floor(Math.exp(low))),
      high === null ? null : Math.ceil(Math.exp(high)),
    ],
    extrapolated,
  };
}

/** A log n this far from the estimate counts as no bound: a factor of e^40. */
const reach = 40;

/** Where the interval of the excess stops to contain 0, searched from `from` in one direction; `null` when it never does, `undefined` without intervals. */
function edge(excess: (at: number) => Estimate, from: number, direction: 1 | -1): number | null | undefined {
  const inside = (at: number): boolean | undefined => {
    const { ci } = excess(at);
    return ci === null ? undefined : ci[0] <= 0 && 0 <= ci[1];
  };
  if (inside(from) === undefined) return undefined;
  let [near, step] = [from, 0.05];
  while (inside(near + direction * step) === true) {
    near += direction * step;
    step *= 2;
    if (Math.abs(near - from) > reach) return null;
  }
  let far = near + direction * step;
  for (let round = 0; round < 30; round++) {
    const middle = (near + far) / 2;
    if (inside(middle) === true) near = middle;
    else far = middle;
  }
  return far;
}
