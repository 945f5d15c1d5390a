/** Evenly spaced sample sizes n_i = round(from + (to - from) i / (count - 1)), i = 0 .. count-1, repeats dropped: strictly increasing.
 *  A single size (`count` 1) is `from`. */
export function evenlySpacedSizes(from: number, to: number, count: number): number[] {
  const step = count === 1 ? 0 : (to - from) / (count - 1);
  return [...new Set(Array.from({ length: count }, (_, i) => Math.round(from + step * i)))];
}
