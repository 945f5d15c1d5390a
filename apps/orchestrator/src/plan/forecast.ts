import { expectedHalfWidth, seriesSample } from "@moe-rates/rates";
import type { ExpectedHalfWidth, LossColumns } from "@moe-rates/rates";
import { estimateReplicateMs } from "@moe-rates/study";
import type { ReplicateRow } from "@moe-rates/study";
import type { LoadedStudy } from "../load-study.ts";
import { pendingPoints } from "../pool/study-work.ts";

/** Forecast of one design point. */
export interface PointForecast {
  readonly design: string;
  readonly fit: string;
  readonly k: number;
  readonly n: number;
  readonly replicates: number;
  /** Mean time of a replicate on one core: of the pilot, or the cost model scaled by the largest piloted size of the design. */
  readonly msEach: number;
  readonly piloted: number;
  readonly certifiedShare: number | null;
}

/** Forecast of a design's slope. */
export interface SlopeForecast {
  readonly design: string;
  readonly fit: string;
  readonly k: number;
  readonly loss: string;
  readonly component: string;
  readonly statistic: "mean" | "median";
  readonly expected: ExpectedHalfWidth | null;
  /** Replicates per sample size that the study plans. */
  readonly replicates: number;
  /** Replicates per sample size that would give the target's half-width, or 0.05 without one. */
  readonly needed: number | null;
  readonly halfWidthAsked: number;
}

/** Forecasts the time of every design point from the pilot's rows. */
export function forecastPoints(loaded: LoadedStudy, pilot: readonly ReplicateRow[]): PointForecast[] {
  const pending = new Map(pendingPoints(loaded, null).map((one) => [one.point.id, one]));
  const rowsOf = (id: string): ReplicateRow[] => pilot.filter((row) => row.designPoint === id);
  return loaded.points.map((point) => {
    const design = loaded.designs.find(({ id }) => id === point.design);
    const rows = rowsOf(point.id);
    const model = (id: string): number => {
      const one = pending.get(id);
      return one === undefined ? 1 : estimateReplicateMs(one);
    };
    const reference = loaded.points.findLast(
      (one) => one.design === point.design && rowsOf(one.id).length > 0,
    );
    const scale = reference === undefined ? 1 : meanMs(rowsOf(reference.id)) / model(reference.id);
    return {
      design: point.design,
      fit: design?.fit.name ?? "",
      k: point.k,
      n: point.n,
      replicates: loaded.study.replicates,
      msEach: rows.length > 0 ? meanMs(rows) : scale * model(point.id),
      piloted: rows.length,
      certifiedShare: rows.length === 0 ? null : rows.filter((row) => row.certified).length / rows.length,
    };
  });
}

function meanMs(rows: readonly ReplicateRow[]): number {
  return rows.reduce((sum, row) => sum + row.cpuMs, 0) / rows.length;
}

const usualHalfWidth = 0.05;

/** Forecasts the half-width of every design's slope: of the target's series, or of the first loss's median. */
export function forecastSlopes(loaded: LoadedStudy, pilot: readonly ReplicateRow[]): SlopeForecast[] {
  const { study, designs, points } = loaded;
  const { loss, component, statistic, slopeHalfWidth } = study.target ?? {
    loss: study.losses[0] ?? "",
    component: "total",
    statistic: "median" as const,
    slopeHalfWidth: usualHalfWidth,
  };
  return designs.map(({ id, fit, k }) => {
    const own = points.filter((point) => point.design === id);
    const columns: LossColumns = {
      design: id,
      k,
      loss,
      component,
      points: own.flatMap((point) => {
        const rows = pilot.filter((row) => row.designPoint === point.id);
        const value = (row: ReplicateRow): number | null =>
          row.losses.find((one) => one.loss === loss && one.component === component)?.value ?? null;
        if (rows.length === 0) return [];
        return {
          n: point.n,
          replicates: rows.map((row) => row.replicate),
          values: rows.map(value),
          certified: rows.map((row) => row.certified),
        };
      }),
    };
    const sample = seriesSample(columns, "all");
    const at = (count: number): ExpectedHalfWidth | null =>
      expectedHalfWidth(
        sample,
        statistic,
        study.sampleSizes,
        study.sampleSizes.map(() => count),
      );
    return {
      design: id,
      fit: fit.name,
      k,
      loss,
      component,
      statistic,
      expected: study.replicates < 2 ? null : at(study.replicates),
      replicates: study.replicates,
      needed: replicatesFor(slopeHalfWidth, at),
      halfWidthAsked: slopeHalfWidth,
    };
  });
}

const mostReplicates = 1_000_000;

/** Least number of replicates at which the expected half-width is at most `halfWidth`; `null` when a million do not suffice. */
function replicatesFor(halfWidth: number, at: (count: number) => ExpectedHalfWidth | null): number | null {
  let [low, high] = [1, 2];
  const enough = (count: number): boolean | null => {
    const expected = at(count);
    return expected === null ? null : expected.halfWidth <= halfWidth;
  };
  while (high < mostReplicates && enough(high) === false) [low, high] = [high, 2 * high];
  if (enough(high) !== true) return null;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle) === true) high = middle;
    else low = middle;
  }
  return high;
}
