import { stream } from "../../packages/math/dist/index.js";

/** Laws of a synthetic loss: n^-1/2 times a fixed distribution, from a Gaussian walk W (nested sizes share its steps) or fresh draws. */
/** @type {Record<string, {dim: number, loss: (z: number[]) => number}>} */
export const laws = {
  /** Norm of a four-dimensional Gaussian mean. */
  distance: { dim: 4, loss: (z) => Math.hypot(...z) },
  /** Absolute value of a one-dimensional mean: mass down to zero. */
  absolute: { dim: 1, loss: ([z]) => Math.abs(z) },
  /** Log-normal, sd 1 on the log scale. */
  skewed: { dim: 1, loss: ([z]) => Math.exp(z) },
  /** Log-normal, sd 1.5 on the log scale: a mean is ruled by its largest values. */
  heavy: { dim: 1, loss: ([z]) => Math.exp(1.5 * z) },
};

/** Losses of one synthetic study as `LossColumns`, with `slope` the exact slope of every statistic's logarithm.
 *  @param {{law: string, sizes: number[], replicates: number, nested: boolean, key: (string | number)[], slope?: number}} options
 *  @returns {import("../../packages/rates/dist/index.js").LossColumns} */
export function syntheticStudy({ law, sizes, replicates, nested, key, slope = -0.5 }) {
  const { dim, loss } = laws[law];
  const points = sizes.map((n) => ({
    n,
    replicates: Array.from({ length: replicates }, (_, r) => r),
    values: /** @type {number[]} */ ([]),
    certified: Array.from({ length: replicates }, () => true),
  }));
  for (let replicate = 0; replicate < replicates; replicate++) {
    const draws = stream(...key, replicate);
    const walk = Array.from({ length: dim }, () => 0);
    let before = 0;
    for (const point of points) {
      if (!nested) walk.fill(0);
      const step = Math.sqrt(nested ? point.n - before : point.n);
      for (let i = 0; i < dim; i++) walk[i] += step * draws.normal();
      before = point.n;
      const standard = walk.map((w) => w / Math.sqrt(point.n));
      point.values.push(point.n ** slope * loss(standard));
    }
  }
  return { design: "synthetic", k: 1, loss: law, component: "total", points };
}

/** Log-spaced sizes from 1000. @param {number} count @param {number} last @returns {number[]} */
export function logSizes(count, last) {
  return Array.from({ length: count }, (_, i) => Math.round(1000 * (last / 1000) ** (i / (count - 1))));
}
