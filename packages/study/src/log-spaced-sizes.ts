/**
 * Log-spaced sample sizes n_i = round(from (to/from)^{i/(count-1)}), i = 0 .. count-1, both ends exact, repeats dropped: strictly increasing.
 * A single size (`count` 1) is `from`.
 */
export function logSpacedSizes(from: number, to: number, count: number): number[] {
  const sizes = Array.from({ length: count }, (_, i) => {
    if (i === 0) return from;
    return i === count - 1 ? to : Math.round(from * (to / from) ** (i / (count - 1)));
  });
  return [...new Set(sizes)];
}
