import { studentTQuantile } from "@moe-rates/math";

/** One row of the table `t_quantiles(df, p, t)`: P(T_df <= t) = p. */
export interface TQuantileRow {
  df: number;
  p: number;
  t: number;
}

/** Probabilities in the table: two-sided intervals of 80, 90, 95 and 99 %. */
export const tabulatedProbabilities = [0.9, 0.95, 0.975, 0.995] as const;

/** Degrees of freedom in the table, ascending: 1 to 200, then eight larger ones. */
export const tabulatedDegrees: readonly number[] = Array.from(
  { length: 200 },
  (_, index) => index + 1,
).concat(250, 300, 400, 500, 750, 1000, 2000, 5000, 10000);

/**
 * Rows of `t_quantiles` with df <= `maxDf`, by df then p, so that intervals in SQL need no code of ours.
 *
 * A look-up takes the largest tabulated df that does not exceed the actual one: intervals are never too narrow, and at most 0.2 % too wide
 * (99 % two-sided, df 249; 0.12 % for 95 %).
 */
export function tQuantileRows(maxDf = Infinity): TQuantileRow[] {
  return tabulatedDegrees
    .filter((df) => df <= maxDf)
    .flatMap((df) => tabulatedProbabilities.map((p) => ({ df, p, t: studentTQuantile(p, df) })));
}

/** The t quantile of the largest tabulated df <= `df`; `null` below one degree of freedom. Throws on a p that is not in the table. */
export function tabulatedTQuantile(p: number, df: number): number | null {
  if (!tabulatedProbabilities.some((known) => known === p)) {
    throw new RangeError(
      `t quantile at p = ${p} is not in the table; known: ${tabulatedProbabilities.join(", ")}`,
    );
  }
  const usable = tabulatedDegrees.findLast((known) => known <= df);
  return usable === undefined ? null : studentTQuantile(p, usable);
}
