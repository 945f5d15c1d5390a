import type { ScreenedStart } from "./start-policy.ts";

/** Starts that reached the same minimum. */
export interface Basin {
  readonly best: ScreenedStart;
  readonly members: ScreenedStart[];
}

/** Sums of squares closer than this many noise variances are equal. */
export const BASIN_TOLERANCE = 0.01;

/** Groups screened starts, lowest sum of squares first: two starts share a basin when their sums of squares differ by less than
 *  `tolerance` noise variances and their fitted values by less than 10 `tolerance` (squared weighted distance, in noise variances).
 *  Comparing fitted values needs no alignment and is blind to directions in which f does not change. */
export function groupBasins(
  starts: readonly ScreenedStart[],
  weights: Float64Array | undefined,
  noiseVariance: number,
  tolerance: number,
): Basin[] {
  const basins: Basin[] = [];
  const order = starts
    .map((start, index) => ({ start, index }))
    .filter(({ start }) => Number.isFinite(start.sse));
  order.sort((a, b) => a.start.sse - b.start.sse || a.index - b.index);
  for (const { start } of order) {
    const home = basins.find(
      ({ best }) => best.exact === start.exact && sameBasin(best, start, weights, noiseVariance, tolerance),
    );
    if (home) home.members.push(start);
    else basins.push({ best: start, members: [start] });
  }
  return basins;
}

/** Whether two minimisers on the same data are one: see `groupBasins`. */
export function sameBasin(
  a: { readonly sse: number; readonly fitted: Float64Array },
  b: { readonly sse: number; readonly fitted: Float64Array },
  weights: Float64Array | undefined,
  noiseVariance: number,
  tolerance: number,
): boolean {
  return (
    Math.abs(a.sse - b.sse) <= tolerance * noiseVariance &&
    squaredDistance(a.fitted, b.fitted, weights) <= 10 * tolerance * noiseVariance
  );
}

function squaredDistance(a: Float64Array, b: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (weights?.[i] ?? 1) * (a[i] - b[i]) ** 2;
  return sum;
}
