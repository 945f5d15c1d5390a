import { tabulatedTQuantile } from "./t-quantiles.ts";

/** Standard error and 95 % interval of an estimate; `null` where they cannot be had. */
export interface Uncertainty {
  standardError: number | null;
  ci: [number, number] | null;
}

/**
 * Delete-one jackknife standard error from the M estimates b_(-1) .. b_(-M), each computed without one whole replicate:
 *
 *     se^2 = (M - 1)/M sum_r (b_(-r) - b~)^2,   b~ = (1/M) sum_r b_(-r)      (Efron and Stein 1981)
 *
 * `null` with M < 2, or when some b_(-r) does not exist: an estimate that hangs on one replicate has no measured error.
 */
export function jackknifeStandardError(withoutOne: readonly (number | null)[]): number | null {
  const count = withoutOne.length;
  if (count < 2) return null;
  const known = withoutOne.filter((estimate) => estimate !== null);
  if (known.length < count) return null;
  const centre = known.reduce((sum, estimate) => sum + estimate, 0) / count;
  const squares = known.reduce((sum, estimate) => sum + (estimate - centre) ** 2, 0);
  return Math.sqrt(((count - 1) / count) * squares);
}

/**
 * Interval estimate -+ t_(0.975, M-1) se for an estimate with M delete-one versions.
 *
 * The degrees of freedom are M - 1 because se^2 is the sample variance of M pseudo-values, one per replicate; the number of sample sizes does
 * not enter: sizes share draws, so more sizes are not more independent observations.
 */
export function jackknifeUncertainty(
  estimate: number | null,
  withoutOne: readonly (number | null)[],
): Uncertainty {
  const standardError = estimate === null ? null : jackknifeStandardError(withoutOne);
  const t = tabulatedTQuantile(0.975, withoutOne.length - 1);
  if (estimate === null || standardError === null || t === null) return { standardError, ci: null };
  return { standardError, ci: [estimate - t * standardError, estimate + t * standardError] };
}
