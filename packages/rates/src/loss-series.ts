import { fitsChoices, statistics, type Fits, type LossRow, type Statistic } from "./loss-row.ts";
import { logStatistic } from "./log-statistic.ts";

/** What one row of any result table is about: one loss component of one design, one statistic, one choice of fits. */
export interface SeriesKey {
  design: string;
  k: number;
  loss: string;
  component: string;
  statistic: Statistic;
  fits: Fits;
}

/** The statistic of one sample size that occurs in the rows: one point of the log-log regression, if it has a log. */
export interface LossPoint {
  n: number;
  /** Used replicates behind the statistic, perhaps none; also the weight of the point. */
  replicates: number;
  value: number | null;
  /** Natural log of `value`, `null` when that is not a positive finite number: such a point takes no part in the regression. */
  logValue: number | null;
  /** Replicate index -> `logValue` without that replicate. */
  without: ReadonlyMap<number, number | null>;
}

/** All points of one series, ascending in n, with what was and was not used. */
export interface LossSeries extends SeriesKey {
  points: LossPoint[];
  /** Replicate indices with a used value at any size, ascending: the units of the jackknife. */
  replicates: number[];
  /** Used values equal to 0: they enter mean and median; a statistic of 0 has no log and its size is left out. */
  zeros: number;
  /** Values left out because they are negative, NaN, infinite or null. */
  invalid: number;
  /** Pairs (sample size, replicate) without a value here: no row, or not certified when `fits` is `certified`. */
  missing: number;
}

/**
 * Groups long rows into series: every design x loss x component gives four (mean and median, all fits and certified ones), sorted by
 * design, k, loss, component, statistic, fits.
 *
 * Throws on a sample size that is not positive, and when a replicate occurs twice at one size.
 */
export function lossSeries(rows: Iterable<LossRow>): LossSeries[] {
  const groups = new Map<string, LossRow[]>();
  for (const row of rows) {
    if (!(row.n > 0 && row.n < Infinity)) {
      throw new RangeError(`sample size ${row.n} in design ${row.design}; it must be a positive number`);
    }
    const key = JSON.stringify([row.design, row.k, row.loss, row.component]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  for (const group of groups.values()) assertUnique(group);
  return [...groups.values()]
    .sort(([a], [b]) => compareGroups(a, b))
    .flatMap((group) =>
      statistics.flatMap((statistic) => fitsChoices.map((fits) => seriesOf(group, statistic, fits))),
    );
}

function seriesOf(group: readonly LossRow[], statistic: Statistic, fits: Fits): LossSeries {
  const { design, k, loss, component } = group[0];
  const seen = new Set(group.map((row) => row.replicate));
  const admitted = group.filter((row) => fits === "all" || row.certified);
  const used = admitted.filter(isUsable);
  const bySize = groupBySize(used);
  const sizes = [...new Set(group.map((row) => row.n))].sort((a, b) => a - b);
  const points = sizes.map((n) => pointOf(n, bySize.get(n) ?? [], statistic));
  return {
    design,
    k,
    loss,
    component,
    statistic,
    fits,
    points,
    replicates: [...new Set(used.map((row) => row.replicate))].sort((a, b) => a - b),
    zeros: used.filter((row) => row.value === 0).length,
    invalid: admitted.length - used.length,
    missing: sizes.length * seen.size - admitted.length,
  };
}

type UsableRow = LossRow & { value: number };

function isUsable(row: LossRow): row is UsableRow {
  return row.value !== null && row.value >= 0 && row.value < Infinity;
}

function groupBySize(rows: readonly UsableRow[]): Map<number, UsableRow[]> {
  const bySize = new Map<number, UsableRow[]>();
  for (const row of rows) {
    const at = bySize.get(row.n);
    if (at) at.push(row);
    else bySize.set(row.n, [row]);
  }
  return bySize;
}

function pointOf(n: number, rows: readonly UsableRow[], statistic: Statistic): LossPoint {
  const values = rows.map((row) => row.value);
  const at = logStatistic(values, statistic);
  const without = new Map(rows.map((row) => [row.replicate, at.logWithout(row.value)]));
  return { n, replicates: rows.length, value: at.value, logValue: at.log, without };
}

function assertUnique(group: readonly LossRow[]): void {
  const seen = new Set<string>();
  for (const { design, n, replicate, loss, component } of group) {
    const key = `${n} ${replicate}`;
    if (seen.has(key)) {
      throw new Error(
        `replicate ${replicate} at n = ${n} occurs twice in design ${design}, loss ${loss}, component ${component}; give one row per value`,
      );
    }
    seen.add(key);
  }
}

function compareGroups(a: LossRow, b: LossRow): number {
  return (
    compare(a.design, b.design) ||
    compare(a.k, b.k) ||
    compare(a.loss, b.loss) ||
    compare(a.component, b.component)
  );
}

function compare<T extends string | number>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
