import { normalQuantile, studentTQuantile } from "@moe-rates/math";
import type { Statistic } from "./loss-row.ts";
import { quantileLevel } from "./loss-row.ts";
import { slopeVariance } from "./next-round.ts";
import type { SeriesSample } from "./series-sample.ts";

/** What a design's slope interval will be like, from few replicates. */
export interface ExpectedHalfWidth {
  /** Half-width of the 95 % interval of the slope. */
  readonly halfWidth: number;
  /** 95 % range of the half-width, from the few replicates behind the spread of the losses. */
  readonly range: readonly [number, number];
  /** Standard deviation of one replicate's log loss. */
  readonly spread: number;
  /** Correlation of one replicate's log losses at two sizes a factor of 2 apart. */
  readonly correlation: number;
}

/**
 * Predicts the half-width of a slope's interval at `sizes` with `counts` replicates from a pilot at some of the sizes. One replicate's log loss is taken to have the same standard deviation s at
 * every size and the correlation exp(-lambda |log n - log n'|) between sizes; s is pooled over the pilot's sizes, lambda comes from the correlations of its neighbouring sizes (0 correlation without
 * two of them). The log statistic then has per-replicate covariance s^2 f exp(-lambda |...|), f = 1 for a mean and p(1-p)/phi(z_p)^2 for the p-quantile of normal log losses (pi/2 for the
 * median). The range is the chi-square interval of s (Wilson and Hilferty 1931) on the pilot's degrees of freedom. `null` with fewer than three pilot replicates at any size.
 */
export function expectedHalfWidth(
  pilot: SeriesSample,
  statistic: Statistic,
  sizes: readonly number[],
  counts: readonly number[],
): ExpectedHalfWidth | null {
  const logs = pilot.values.map((column) => column.map((value) => (value > 0 ? Math.log(value) : NaN)));
  const residuals = logs.map(centred);
  let [squares, degrees] = [0, 0];
  for (const column of residuals) {
    const known = column.filter((one) => !Number.isNaN(one));
    if (known.length < 3) continue;
    squares += known.reduce((sum, one) => sum + one ** 2, 0);
    degrees += known.length - 1;
  }
  if (degrees < 2 || !(squares > 1e-18 * degrees)) return null;
  const spread = Math.sqrt(squares / degrees);
  const decay = correlationDecay(residuals, pilot.sizes);
  const level = quantileLevel(statistic);
  const factor = level === null ? 1 : (level * (1 - level)) / density(normalQuantile(level)) ** 2;
  const x = sizes.map(Math.log);
  const covariance = x.map((u) =>
    x.map((v) => ((factor * squares) / degrees) * Math.exp(-decay * Math.abs(u - v))),
  );
  const replicates = Math.max(...counts);
  const halfWidth = studentTQuantile(0.975, replicates - 1) * Math.sqrt(slopeVariance(x, counts, covariance));
  return {
    halfWidth,
    range: [
      halfWidth * Math.sqrt(chiSquareRatio(0.975, degrees)),
      halfWidth * Math.sqrt(chiSquareRatio(0.025, degrees)),
    ],
    spread,
    correlation: Math.exp(-decay * Math.LN2),
  };
}

function centred(column: Float64Array): Float64Array {
  const known = column.filter((one) => !Number.isNaN(one));
  const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
  return column.map((one) => one - mean);
}

/** lambda of exp(-lambda d) from the pooled correlation of neighbouring sizes and their mean distance; correlations are kept within 0.01 and 0.99. */
function correlationDecay(residuals: readonly Float64Array[], sizes: readonly number[]): number {
  let [products, squaresA, squaresB, distance] = [0, 0, 0, 0];
  for (let p = 1; p < sizes.length; p++) {
    distance += Math.log(sizes[p] / sizes[p - 1]) / (sizes.length - 1);
    residuals[p].forEach((b, slot) => {
      const a = residuals[p - 1][slot];
      if (Number.isNaN(a) || Number.isNaN(b)) return;
      products += a * b;
      squaresA += a * a;
      squaresB += b * b;
    });
  }
  if (squaresA === 0 || squaresB === 0) return Infinity;
  const correlation = Math.min(0.99, Math.max(0.01, products / Math.sqrt(squaresA * squaresB)));
  return -Math.log(correlation) / distance;
}

function density(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** degrees / (the p quantile of chi-square), by the cube-root normal approximation. */
function chiSquareRatio(p: number, degrees: number): number {
  const a = 2 / (9 * degrees);
  return 1 / (1 - a + normalQuantile(p) * Math.sqrt(a)) ** 3;
}
