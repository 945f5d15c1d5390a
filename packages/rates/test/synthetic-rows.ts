import { stream } from "@moe-rates/math";
import { seriesSample, type Fits, type LossColumns, type SeriesSample } from "../src/index.ts";

/** What the loss of a replicate is at size n, from its standard normal draw z and n. */
export type LossAt = (z: number, n: number) => number;

/** A synthetic series: `replicates` losses at each size, `nested` ones from one Gaussian walk per replicate. */
export function syntheticColumns(
  key: readonly (string | number)[],
  { sizes, replicates, nested = true }: { sizes: readonly number[]; replicates: number; nested?: boolean },
  loss: LossAt,
): LossColumns {
  const points = sizes.map((n) => ({
    n,
    replicates: Array.from({ length: replicates }, (_, r) => r),
    values: [] as number[],
    certified: Array.from({ length: replicates }, () => true),
  }));
  for (let replicate = 0; replicate < replicates; replicate++) {
    const draws = stream("rates", "test", ...key, replicate);
    let [walk, before] = [0, 0];
    for (const point of points) {
      if (!nested) walk = 0;
      walk += Math.sqrt(nested ? point.n - before : point.n) * draws.normal();
      before = point.n;
      point.values.push(loss(walk / Math.sqrt(point.n), point.n));
    }
  }
  return { design: "d", k: 2, loss: "voronoi-d1", component: "total", points };
}

/** The sample of a synthetic series. */
export function syntheticSample(
  key: readonly (string | number)[],
  design: { sizes: readonly number[]; replicates: number; nested?: boolean },
  loss: LossAt,
  fits: Fits = "all",
): SeriesSample {
  return seriesSample(syntheticColumns(key, design, loss), fits);
}

/** `count` log-spaced sizes. */
export function logSizes(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(from * (to / from) ** (i / (count - 1))));
}
