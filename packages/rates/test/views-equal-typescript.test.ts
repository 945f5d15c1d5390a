import type { DuckDBConnection } from "@duckdb/node-api";
import { stream } from "@moe-rates/math";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { localSlopes, lossSeries, rateTable, readRateRow, type LossRow } from "../src/index.ts";
import { emptyStore, fillLosses, query } from "./store.ts";

let store: DuckDBConnection;
beforeAll(async () => {
  store = await emptyStore();
});

const positive = fc.double({ min: -8, max: 8, noNaN: true }).map((power) => 10 ** power);
const lossValue = fc.oneof(
  { weight: 12, arbitrary: positive },
  { weight: 2, arbitrary: fc.constantFrom(0.25, 0.5) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-1, NaN, Infinity, null) },
);

/** Rows of up to two designs on up to five sizes: any replicate may be missing anywhere, uncertified, zero, tied or invalid. */
const rowSets = fc
  .record({
    sizes: fc.uniqueArray(fc.constantFrom(100, 250, 1000, 4000, 64_000), { minLength: 1, maxLength: 5 }),
    replicates: fc.integer({ min: 1, max: 7 }),
    designs: fc.integer({ min: 1, max: 2 }),
    present: fc.constantFrom(0.5, 0.9, 1),
    certified: fc.constantFrom(0, 0.6, 1),
  })
  .chain(({ sizes, replicates, designs, present, certified }) => {
    const keys = Array.from({ length: designs }, (_, design) =>
      sizes.flatMap((n) =>
        Array.from({ length: replicates }, (_, replicate) => ({ design: `d${design}`, n, replicate })),
      ),
    ).flat();
    const cell = fc.record({
      value: lossValue,
      here: fc.double({ min: 0, max: 1, noNaN: true }).map((u) => u <= present),
      certified: fc.double({ min: 0, max: 1, noNaN: true }).map((u) => u <= certified),
    });
    return fc.array(cell, { minLength: keys.length, maxLength: keys.length }).map((cells) =>
      keys.flatMap((key, index): LossRow[] => {
        const { value, here, certified } = cells[index];
        return here ? [{ ...key, k: 3, certified, loss: "voronoi-d1", component: "total", value }] : [];
      }),
    );
  });

function expectClose(actual: unknown, expected: unknown, label: string): void {
  if (typeof expected === "number" && typeof actual === "number") {
    const difference = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
    expect(difference, `${label}: ${actual} against ${expected}`).toBeLessThanOrEqual(1e-10);
  } else if (Array.isArray(expected) && Array.isArray(actual)) {
    expected.forEach((value, index) => expectClose(actual[index], value, `${label}[${index}]`));
  } else {
    expect(actual, label).toEqual(expected);
  }
}

function expectRowsClose(actual: readonly object[], expected: readonly object[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((row, index) => {
    const other = actual[index] as Record<string, unknown>;
    for (const [key, value] of Object.entries(row)) expectClose(other[key], value, `row ${index}, ${key}`);
    expect(Object.keys(other).sort()).toEqual(Object.keys(row).sort());
  });
}

function localSlopeOf(record: Record<string, unknown>): object {
  const { from_n, to_n, standard_error, ci_low, ci_high, ...rest } = record;
  const ci = ci_low === null ? null : [ci_low, ci_high];
  return { ...rest, fromN: from_n, toN: to_n, standardError: standard_error, ci };
}

const runs = { seed: 20250405, numRuns: 100 };

describe("the views on a real DuckDB equal the TypeScript result to 1e-10 on random rows", () => {
  it("rates", async () => {
    await fc.assert(
      fc.asyncProperty(rowSets, async (rows) => {
        await fillLosses(store, rows);
        const records = await query(store, "SELECT * FROM rates");
        expectRowsClose(records.map(readRateRow), rateTable(rows));
      }),
      runs,
    );
  });

  it("local_slopes", async () => {
    await fc.assert(
      fc.asyncProperty(rowSets, async (rows) => {
        await fillLosses(store, rows);
        const records = await query(store, "SELECT * FROM local_slopes");
        expectRowsClose(records.map(localSlopeOf), localSlopes(rows));
      }),
      runs,
    );
  });

  it("loss_points", async () => {
    await fc.assert(
      fc.asyncProperty(rowSets, async (rows) => {
        await fillLosses(store, rows);
        const points = await query(store, "SELECT * FROM loss_points ORDER BY ALL");
        const series = lossSeries(rows);
        const expected = series.flatMap(({ design, k, loss, component, statistic, fits, points }) =>
          points.map(({ n, replicates, value, logValue }) => {
            return { design, k, loss, component, statistic, fits, n, replicates, value, log_value: logValue };
          }),
        );
        expectRowsClose(points, expected);
      }),
      runs,
    );
  });

  it("rates and local_slopes of 13 sizes x 60 heavy-tailed replicates with gaps", async () => {
    const draws = stream("rates", "views", "heavy");
    const rows: LossRow[] = [];
    for (let size = 0; size < 13; size++) {
      const n = Math.round(1000 * 10 ** (size / 4));
      for (let replicate = 0; replicate < 60; replicate++) {
        const value = draws.uniform() < 0.05 ? 0 : n ** -0.5 * Math.exp(6 * draws.normal());
        const [certified, here] = [draws.uniform() < 0.7, draws.uniform() < 0.95];
        if (here)
          rows.push({ design: "d", k: 3, n, replicate, certified, loss: "l", component: "total", value });
      }
    }
    await fillLosses(store, rows);
    expectRowsClose((await query(store, "SELECT * FROM rates")).map(readRateRow), rateTable(rows));
    expectRowsClose((await query(store, "SELECT * FROM local_slopes")).map(localSlopeOf), localSlopes(rows));
  });
});
