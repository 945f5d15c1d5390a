import { createHash } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import { beforeEach, describe, expect, it } from "vitest";
import {
  compareFits,
  logLogLine,
  rememberCounts,
  seriesSample,
  type LossColumns,
  type LossRow,
} from "../src/index.ts";
import { sortedQuantile } from "../src/estimate.ts";
import { emptyStore, fillLosses, query } from "./store.ts";
import { logSizes, syntheticColumns } from "./synthetic-rows.ts";

const sizes = logSizes(1000, 16_000, 5);
let store: DuckDBConnection;
beforeEach(async () => {
  store = await emptyStore();
});

function rowsOf({ points, ...key }: LossColumns): LossRow[] {
  return points.flatMap(({ n, replicates, values, certified }) =>
    replicates.map((replicate, i) => ({ ...key, n, replicate, value: values[i], certified: certified[i] })),
  );
}

/** Slot i of draw b as the macro draws it. */
function slotOf(m: number, draw: number, i: number): number {
  const digest = createHash("md5").update(`moe-rates bootstrap ${m} ${draw} ${i}`).digest();
  return Number(digest.readBigUInt64LE(8) % BigInt(m));
}

function slopeOfDraw(columns: LossColumns, level: number, slots: readonly number[]): number {
  const logs = columns.points.map(({ values }) =>
    Math.log(
      sortedQuantile(
        slots.map((slot) => values[slot] ?? NaN).toSorted((a, b) => a - b),
        level,
      ),
    ),
  );
  return logLogLine(
    Float64Array.from(sizes, Math.log),
    Float64Array.from(logs),
    new Float64Array(sizes.length).fill(1),
  )!.slope;
}

describe("bootstrap_rates on a real DuckDB", () => {
  it.each([0.5, 0.9])(
    "is the bootstrap over whole replicates of the %f quantile, draw by draw",
    async (level) => {
      const columns = syntheticColumns(
        ["macro"],
        { sizes, replicates: 13 },
        (z, n) => n ** -0.5 * Math.exp(z),
      );
      await fillLosses(store, rowsOf(columns));
      const [row, ...others] = await query(
        store,
        `SELECT * FROM bootstrap_rates('voronoi-d1', 'total', ${level}, 60)`,
      );
      expect(others).toEqual([]);
      const all = Array.from({ length: 13 }, (_, slot) => slot);
      const slopes = Array.from({ length: 60 }, (_, draw) =>
        slopeOfDraw(
          columns,
          level,
          all.map((i) => slotOf(13, draw, i)),
        ),
      ).toSorted((a, b) => a - b);
      const mean = slopes.reduce((sum, slope) => sum + slope, 0) / 60;
      const error = Math.sqrt(slopes.reduce((sum, slope) => sum + (slope - mean) ** 2, 0) / 59);
      expect(row["slope"]).toBeCloseTo(slopeOfDraw(columns, level, all), 11);
      expect(row["standard_error"]).toBeCloseTo(error, 10);
      expect(row["ci_low"]).toBeCloseTo(sortedQuantile(slopes, 0.025), 10);
      expect(row["ci_high"]).toBeCloseTo(sortedQuantile(slopes, 0.975), 10);
      expect([row["draws"], row["replicates"], row["k"]]).toEqual([60, 13, 2]);
    },
  );

  it("has no row for a loss that is not there", async () => {
    expect(await query(store, "SELECT * FROM bootstrap_rates('voronoi-d1', 'total', 0.5, 10)")).toEqual([]);
  });
});

describe("comparisons, sample_size_ratios and error_split on a real DuckDB", () => {
  const a = {
    ...syntheticColumns(["a"], { sizes, replicates: 9 }, (z, n) => n ** -0.5 * Math.exp(z)),
    design: "a",
  };
  const b = {
    ...syntheticColumns(["b"], { sizes, replicates: 12 }, (z, n) => 2 * n ** -0.4 * Math.exp(z)),
    design: "b",
  };

  it("equal the paired comparison in TypeScript", async () => {
    await fillLosses(store, [...rowsOf(a), ...rowsOf(b)]);
    const expected = compareFits(seriesSample(a, "all"), seriesSample(b, "all"), "median", rememberCounts());
    const rows = await query(store, "SELECT * FROM comparisons ORDER BY n");
    expect(rows.map((row) => [row["n"], row["pairs"]])).toEqual(sizes.map((n) => [n, 9]));
    rows.forEach((row, p) => {
      const { value, standardError, ci } = expected.points[p].meanLogRatio;
      expect(row["mean_log_ratio"]).toBeCloseTo(value!, 11);
      expect(row["standard_error"]).toBeCloseTo(standardError!, 11);
      expect(row["ci_low"]).toBeCloseTo(ci![0], 10);
      expect(row["ci_high"]).toBeCloseTo(ci![1], 10);
    });
  });

  it("sample_size_ratios has the ratio of the lines at the larger error", async () => {
    const same = {
      ...b,
      points: b.points.map((point) => ({
        ...point,
        replicates: point.replicates.slice(0, 9),
        values: point.values.slice(0, 9),
        certified: point.certified.slice(0, 9),
      })),
    };
    await fillLosses(store, [...rowsOf(a), ...rowsOf(same)]);
    const { sampleSizeRatio } = compareFits(
      seriesSample(a, "all"),
      seriesSample(same, "all"),
      "median",
      rememberCounts(),
    );
    const [row] = await query(
      store,
      "SELECT * FROM sample_size_ratios WHERE statistic = 'median' AND fits = 'all'",
    );
    expect(row["ratio"] as number).toBeCloseTo(sampleSizeRatio!.ratio, 8);
    expect(row["error"] as number).toBeCloseTo(sampleSizeRatio!.error, 10);
  });

  it("error_split sets all fits against certified ones", async () => {
    const rows = rowsOf(a).map((row) => ({ ...row, certified: row.replicate > 0 }));
    await fillLosses(store, rows);
    await store.run("UPDATE replicates SET tightened_change = replicate");
    const split = await query(store, "SELECT * FROM error_split WHERE statistic = 'mean' ORDER BY n");
    expect(split).toHaveLength(sizes.length);
    const [first] = split;
    const values = a.points[0].values as number[];
    const mean = (some: number[]): number => some.reduce((sum, value) => sum + value, 0) / some.length;
    expect(first["log_ratio"]).toBeCloseTo(Math.log(mean(values) / mean(values.slice(1))), 12);
    expect(first).toMatchObject({
      certified_share: 8 / 9,
      tightened_change_median: 4,
      tightened_change_max: 8,
    });
  });
});
