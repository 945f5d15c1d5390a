import { alignSamples, pairedEstimate, resampledSeries, seriesSample, slopeOf } from "@moe-rates/rates";
import type { CountsFor, Fits, LossColumns, Statistic } from "@moe-rates/rates";
import { canonicalJson } from "@moe-rates/study";
import { groupBy } from "../report/group-by.ts";
import type { StoredDesignFacts } from "./stored-designs.ts";

/** Slopes that differ by less than this are the same for all purposes. */
const leastDifference = 0.05;
const level = 0.99;

/**
 * Finds rates that depend on the starts: among designs of one file that differ in nothing but their starts, a series whose slopes differ, by a paired 99 % interval that excludes 0 and by
 * 0.05 or more. The answer maps `seriesKey` to the reason.
 */
export function startDependence(
  designs: readonly StoredDesignFacts[],
  series: readonly LossColumns[],
  statistics: readonly Statistic[],
  countsFor: CountsFor,
): Map<string, string> {
  const found = new Map<string, string>();
  const groups = groupBy(designs, withoutStarts);
  for (const group of groups.values()) {
    for (const [index, one] of group.entries()) {
      for (const other of group.slice(index + 1)) {
        for (const a of series.filter(({ design }) => design === one.design)) {
          const b = series.find(
            (s) => s.design === other.design && s.loss === a.loss && s.component === a.component,
          );
          if (b === undefined) continue;
          for (const statistic of statistics)
            for (const fits of ["all", "certified"] as const) compare(a, b, one, other, { statistic, fits });
        }
      }
    }
  }
  return found;

  function compare(
    a: LossColumns,
    b: LossColumns,
    one: StoredDesignFacts,
    other: StoredDesignFacts,
    { statistic, fits }: { statistic: Statistic; fits: Fits },
  ): void {
    const pair = alignSamples(seriesSample(a, fits), seriesSample(b, fits), "pairs");
    const counts = countsFor(pair.a.replicates.length);
    const [left, right] = [
      resampledSeries(pair.a, statistic, counts),
      resampledSeries(pair.b, statistic, counts),
    ];
    const { value, ci } = pairedEstimate(left, right, (x, y) => y - x, slopeOf, level);
    if (value === null || ci === null || Math.abs(value) < leastDifference || (ci[0] <= 0 && ci[1] >= 0))
      return;
    const reason = `the slope depends on the starts: fits ${one.fitName} and ${other.fitName} differ by ${Math.abs(value).toFixed(2)} (99 % interval ${ci[0].toFixed(2)} to ${ci[1].toFixed(2)})`;
    for (const design of [one.design, other.design])
      found.set(seriesKey({ design, loss: a.loss, component: a.component, statistic, fits }), reason);
  }
}

/** Text that names a series of a file. */
export function seriesKey(key: {
  readonly design: string;
  readonly loss: string;
  readonly component: string;
  readonly statistic: string;
  readonly fits: string;
}): string {
  return JSON.stringify([key.design, key.loss, key.component, key.statistic, key.fits]);
}

function withoutStarts({ fit: { starts: _, ...fit }, truth }: StoredDesignFacts): string {
  return canonicalJson({ fit, truth });
}
