import { quantileLevel, type Fits, type LossRow, type Statistic } from "./loss-row.ts";
import type { SeriesKey } from "./loss-series.ts";

/** What a sample is about: a series before a statistic is chosen. */
export type SampleKey = Omit<SeriesKey, "statistic">;

/** Losses of one component of one design as a table sizes x replicates, ready to be resampled by whole replicates. */
export interface SeriesSample extends SampleKey {
  /** Sample sizes n, ascending. */
  readonly sizes: readonly number[];
  /** Replicate indices, ascending; their positions are the slots of `values`. */
  readonly replicates: readonly number[];
  /** One array per size: the loss in each replicate's slot, NaN where there is none that counts. */
  readonly values: readonly Float64Array[];
}

/** One series of a file as lists per sample size: the compact form of `LossRow`s in which a database hands them over. */
export interface LossColumns {
  readonly design: string;
  readonly k: number;
  readonly loss: string;
  readonly component: string;
  readonly points: readonly {
    readonly n: number;
    readonly replicates: readonly number[];
    readonly values: readonly (number | null)[];
    readonly certified: readonly boolean[];
  }[];
}

/**
 * The table of one series. Values that are negative, infinite, NaN or null never count; with fits `certified` neither do those of uncertified fits.
 * Replicates without any value that counts have no slot. Throws when a replicate occurs twice at one size.
 */
export function seriesSample(columns: LossColumns, fits: Fits): SeriesSample {
  const { design, k, loss, component } = columns;
  const points = columns.points.toSorted((a, b) => a.n - b.n);
  const counts = (value: number | null, certified: boolean): value is number =>
    value !== null && value >= 0 && value < Infinity && (fits === "all" || certified);
  const ids = new Set<number>();
  for (const point of points) {
    if (new Set(point.replicates).size < point.replicates.length)
      throw new Error(
        `a replicate occurs twice at n = ${point.n} in design ${design}, loss ${loss}, component ${component}`,
      );
    point.replicates.forEach((id, i) => {
      if (counts(point.values[i], point.certified[i])) ids.add(id);
    });
  }
  const replicates = [...ids].toSorted((a, b) => a - b);
  const slots = new Map(replicates.map((id, slot) => [id, slot]));
  const values = points.map((point) => {
    const column = new Float64Array(replicates.length).fill(NaN);
    point.replicates.forEach((id, i) => {
      const value = point.values[i];
      if (counts(value, point.certified[i])) column[slots.get(id)!] = value;
    });
    return column;
  });
  return { design, k, loss, component, fits, sizes: points.map(({ n }) => n), replicates, values };
}

/** Groups long rows into `LossColumns`, one per design x k x loss x component, in the order of their first rows. */
export function lossColumns(rows: Iterable<LossRow>): LossColumns[] {
  const groups = new Map<string, { first: LossRow; sizes: Map<number, LossRow[]> }>();
  for (const row of rows) {
    const key = JSON.stringify([row.design, row.k, row.loss, row.component]);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { first: row, sizes: new Map() }));
    const at = group.sizes.get(row.n);
    if (at) at.push(row);
    else group.sizes.set(row.n, [row]);
  }
  return [...groups.values()].map(({ first: { design, k, loss, component }, sizes }) => ({
    design,
    k,
    loss,
    component,
    points: [...sizes].map(([n, at]) => ({
      n,
      replicates: at.map((row) => row.replicate),
      values: at.map((row) => row.value),
      certified: at.map((row) => row.certified),
    })),
  }));
}

/**
 * Two samples with common slots. `pairs`: only replicates with a value in both, size by size, and only sizes of both, as a paired comparison needs.
 * `union`: every replicate and size of either.
 */
export function alignSamples(
  a: SeriesSample,
  b: SeriesSample,
  how: "pairs" | "union",
): { a: SeriesSample; b: SeriesSample } {
  const merge = (x: readonly number[], y: readonly number[]): number[] =>
    how === "pairs"
      ? x.filter((one) => y.includes(one))
      : [...new Set([...x, ...y])].toSorted((p, q) => p - q);
  const sizes = merge(a.sizes, b.sizes);
  const other = new Set(b.replicates);
  const replicates =
    how === "pairs" ? a.replicates.filter((one) => other.has(one)) : merge(a.replicates, b.replicates);
  const [left, right] = [spread(a, sizes, replicates), spread(b, sizes, replicates)];
  if (how === "pairs") {
    left.forEach((column, i) =>
      column.forEach((value, slot) => {
        if (Number.isNaN(value) || Number.isNaN(right[i][slot])) column[slot] = right[i][slot] = NaN;
      }),
    );
  }
  return { a: { ...a, sizes, replicates, values: left }, b: { ...b, sizes, replicates, values: right } };
}

function spread(
  sample: SeriesSample,
  sizes: readonly number[],
  replicates: readonly number[],
): Float64Array[] {
  const slots = new Map(sample.replicates.map((id, slot) => [id, slot]));
  return sizes.map((n) => {
    const from = sample.values[sample.sizes.indexOf(n)];
    return Float64Array.from(replicates, (id) => from?.[slots.get(id) ?? -1] ?? NaN);
  });
}

/** Values of one size in ascending order with their slots; slots without a value are left out. */
export function orderedColumn(column: Float64Array): { values: Float64Array; slots: Uint32Array } {
  const slots = Uint32Array.from(column.keys())
    .filter((slot) => !Number.isNaN(column[slot]))
    .sort((a, b) => column[a] - column[b] || a - b);
  return { slots, values: Float64Array.from(slots, (slot) => column[slot]) };
}

/** Whether a statistic is smooth enough for the delete-one jackknife: the mean is, quantiles are not. */
export function isSmooth(statistic: Statistic): boolean {
  return quantileLevel(statistic) === null;
}
