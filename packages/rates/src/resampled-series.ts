import { stream } from "@moe-rates/math";
import { quantileLevel, type Statistic } from "./loss-row.ts";
import { isSmooth, orderedColumn, type SeriesSample } from "./series-sample.ts";

/** Versions of the points of a series: row v, entry p is the version's log statistic at size p (NaN where there is none) and its weight. */
export interface Versions {
  readonly count: number;
  /** count x sizes, row-major. */
  readonly logs: Float64Array;
  /** Usable values behind each entry, count x sizes. */
  readonly weights: Float64Array;
}

/** The points of a log-log regression with the versions that measure its error. */
export interface ResampledSeries {
  readonly sample: SeriesSample;
  readonly statistic: Statistic;
  /** log n, ascending. */
  readonly x: Float64Array;
  readonly logs: Float64Array;
  readonly weights: Float64Array;
  /** One version without each replicate, for smooth statistics; `null` for quantiles, whose jackknife is not consistent. */
  readonly deleted: Versions | null;
  /** Bootstrap over whole replicates. */
  readonly drawn: Versions;
}

/** How often each slot occurs in each bootstrap sample, draws x slots, row-major. */
export type BootstrapCounts = Uint16Array;

/** Bootstrap samples for `slots` replicates: 999, fewer (at least 199) where slots x samples would pass 4e6. */
export function drawsFor(slots: number): number {
  return Math.max(199, Math.min(999, Math.floor(4e6 / Math.max(1, slots))));
}

/**
 * Counts of `draws` bootstrap samples of `slots` replicates, from the streams keyed ("rates", "bootstrap", slots): equal for all series with as
 * many replicates, so that differences between series on the same data are paired. Draw b is the same whatever `draws`.
 */
export function bootstrapCounts(slots: number, draws = drawsFor(slots)): BootstrapCounts {
  const counts = new Uint16Array(draws * slots);
  if (slots === 0) return counts;
  const source = stream("rates", "bootstrap", slots);
  for (let draw = 0; draw < draws; draw++)
    for (let i = 0; i < slots; i++) counts[draw * slots + source.integer(slots)]++;
  return counts;
}

/** Bootstrap counts for a number of replicates. */
export type CountsFor = (slots: number) => BootstrapCounts;

/** A memory of bootstrap counts by number of slots, for callers with many series. */
export function rememberCounts(): CountsFor {
  const known = new Map<number, BootstrapCounts>();
  return (slots) => {
    let counts = known.get(slots);
    if (counts === undefined) known.set(slots, (counts = bootstrapCounts(slots)));
    return counts;
  };
}

/** Points, delete-one versions and bootstrap versions of a series under one statistic. The unit of both is the whole replicate, at every size. */
export function resampledSeries(
  sample: SeriesSample,
  statistic: Statistic,
  counts: BootstrapCounts = bootstrapCounts(sample.replicates.length),
): ResampledSeries {
  const { sizes, replicates, values } = sample;
  const slots = replicates.length;
  const draws = slots === 0 ? 0 : counts.length / slots;
  const columns = values.map(orderedColumn);
  const once = new Uint16Array(slots).fill(1);
  const level = quantileLevel(statistic);
  const base = { logs: new Float64Array(sizes.length), weights: new Float64Array(sizes.length) };
  const drawn = emptyVersions(draws, sizes.length);
  const deleted = isSmooth(statistic) ? emptyVersions(slots, sizes.length) : null;
  columns.forEach((column, p) => {
    const put = (
      into: { logs: Float64Array; weights: Float64Array },
      at: number,
      some: Uint16Array,
      from: number,
    ) => {
      const { value, total } =
        level === null ? countedMean(column, some, from) : countedQuantile(column, some, from, level);
      into.logs[at] = logOrNaN(value);
      into.weights[at] = total;
    };
    put(base, p, once, 0);
    for (let draw = 0; draw < draws; draw++) put(drawn, draw * sizes.length + p, counts, draw * slots);
    if (deleted) deleteOneMeans(column, values[p], deleted, p, sizes.length);
  });
  return { sample, statistic, x: Float64Array.from(sizes, Math.log), ...base, deleted, drawn };
}

type Column = ReturnType<typeof orderedColumn>;

function emptyVersions(count: number, sizes: number): Versions {
  return { count, logs: new Float64Array(count * sizes), weights: new Float64Array(count * sizes) };
}

function countedMean(
  { values, slots }: Column,
  counts: Uint16Array,
  from: number,
): { value: number; total: number } {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const count = counts[from + slots[i]];
    sum += count * values[i];
    total += count;
  }
  return { value: sum / total, total };
}

/** Type 7 quantile of the values repeated by their counts. */
function countedQuantile(
  { values, slots }: Column,
  counts: Uint16Array,
  from: number,
  level: number,
): { value: number; total: number } {
  let total = 0;
  for (let i = 0; i < slots.length; i++) total += counts[from + slots[i]];
  if (total === 0) return { value: NaN, total };
  const position = (total - 1) * level;
  const below = Math.floor(position);
  const share = position - below;
  let [i, seen] = [0, counts[from + slots[0]]];
  while (seen <= below) seen += counts[from + slots[++i]];
  const low = values[i];
  if (share === 0) return { value: low, total };
  while (seen <= below + 1) seen += counts[from + slots[++i]];
  return { value: share === 0.5 ? (low + values[i]) / 2 : low + share * (values[i] - low), total };
}

/** Leave-one-out means by the formula of `logStatistic`: nothing large is subtracted from a sum that it rules. */
function deleteOneMeans(
  { values, slots }: Column,
  column: Float64Array,
  into: Versions,
  p: number,
  width: number,
): void {
  const m = values.length;
  const top = values[m - 1] ?? NaN;
  let rest = 0;
  for (let i = 0; i < m - 1; i++) rest += values[i];
  const all = logOrNaN((top + rest) / m);
  for (let slot = 0; slot < into.count; slot++) {
    const value = column[slot];
    const at = slot * width + p;
    if (Number.isNaN(value)) {
      into.logs[at] = all;
      into.weights[at] = m;
    } else {
      into.logs[at] = m < 2 ? NaN : logOrNaN((slot === slots[m - 1] ? rest : top + (rest - value)) / (m - 1));
      into.weights[at] = m - 1;
    }
  }
}

function logOrNaN(value: number): number {
  return value > 0 && value < Infinity ? Math.log(value) : NaN;
}
