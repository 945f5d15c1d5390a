import type { DuckDBConnection } from "@duckdb/node-api";
import { beforeEach, describe, expect, it } from "vitest";
import { storeViews } from "../src/index.ts";
import { emptyStore, query } from "./store.ts";

let store: DuckDBConnection;
beforeEach(async () => {
  store = await emptyStore();
});

async function addReplicates(): Promise<void> {
  await store.run("INSERT INTO design_points VALUES ('a/1000', 'a', 1000, 3), ('a/2000', 'a', 2000, 3)");
  await store.run(`INSERT INTO replicates VALUES
    ('a/1000', 0, 'converged', true, false, true, false, 12, 10, 1, 1e-6),
    ('a/1000', 1, 'converged', true, false, true, true, 22, 20, 1, 3e-6),
    ('a/1000', 2, 'max-iterations', false, false, false, NULL, 80, 70, 1, 2),
    ('a/1000', 3, 'failed', false, true, false, NULL, NULL, NULL, 1, NULL)`);
}

describe("the views of a store", () => {
  it("can all be created again over themselves", async () => {
    for (const statement of storeViews()) await store.run(statement);
  });

  it.each([
    "loss_points",
    "rates",
    "local_slopes",
    "cells",
    "convergence",
    "cost",
    "comparisons",
    "sample_size_ratios",
    "error_split",
  ])("%s is empty, not an error, in an empty store", async (view) => {
    expect(await query(store, `SELECT * FROM ${view}`)).toEqual([]);
  });

  it("convergence counts every status and states shares, points without replicates included", async () => {
    await addReplicates();
    const [first, second] = await query(store, "SELECT * EXCLUDE (statuses) FROM convergence");
    expect(first).toEqual({
      design: "a",
      k: 3,
      n: 1000,
      design_point: "a/1000",
      replicates: 4,
      converged: 2,
      certified: 2,
      certified_share: 0.5,
      local: 1,
      audited: 2,
      beaten: 1,
      beaten_share: 0.5,
    });
    expect(second).toMatchObject({
      n: 2000,
      replicates: 0,
      certified: 0,
      certified_share: null,
      beaten_share: null,
    });
    const counts = await query(
      store,
      "SELECT statuses['converged'] AS converged, statuses['failed'] AS failed FROM convergence",
    );
    expect(counts[0]).toEqual({ converged: 2, failed: 1 });
  });

  it("cost sums times and gives replicates per core-second", async () => {
    await addReplicates();
    const [first, second] = await query(store, "SELECT * FROM cost");
    expect(first).toMatchObject({
      replicates: 4,
      wall_ms_total: 114,
      wall_ms_median: 22,
      wall_ms_max: 80,
      cpu_ms_total: 100,
      cpu_ms_median: 20,
      cpu_ms_max: 70,
      replicates_per_core_second: 30,
    });
    expect(second).toMatchObject({ replicates: 0, cpu_ms_total: null, replicates_per_core_second: null });
  });

  it("cells gives the share of every cell-size vector, empty cells as zeros", async () => {
    await addReplicates();
    const cellsOf = [
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 0],
      [1, null, 1],
    ];
    for (const [replicate, cells] of cellsOf.entries()) {
      for (const [atom, cell] of cells.entries()) {
        for (const parameter of ["a[0]", "beta0"]) {
          await store.run("INSERT INTO atoms VALUES ('a/1000', $1, $2, $3, $4, 0.5)", [
            replicate,
            atom,
            cell,
            parameter,
          ]);
        }
      }
    }
    const shares = await query(
      store,
      "SELECT fits, array_to_string(cell_sizes, '+') AS sizes, replicates, share FROM cells",
    );
    expect(shares).toEqual([
      { fits: "all", sizes: "2+1", replicates: 2, share: 0.5 },
      { fits: "all", sizes: "0+2", replicates: 1, share: 0.25 },
      { fits: "all", sizes: "3+0", replicates: 1, share: 0.25 },
      { fits: "certified", sizes: "2+1", replicates: 2, share: 1 },
    ]);
  });

  it("take the t quantile from the stored table and nowhere else", async () => {
    await addReplicates();
    await store.run(
      `INSERT INTO replicates (design_point, replicate, certified) VALUES ('a/2000', 0, true), ('a/2000', 1, true)`,
    );
    await store.run(`INSERT INTO losses VALUES ('a/1000', 0, 'voronoi-d1', 'total', 1), ('a/1000', 1, 'voronoi-d1', 'total', 2),
      ('a/2000', 0, 'voronoi-d1', 'total', 0.5), ('a/2000', 1, 'voronoi-d1', 'total', 0.7)`);
    await store.run("UPDATE t_quantiles SET t = 100 WHERE df = 1 AND p = 0.975");
    const [row] = await query(store, "SELECT (ci_high - slope) / standard_error AS t FROM rates");
    expect(row["t"]).toBeCloseTo(100, 9);
    await store.run("DELETE FROM t_quantiles");
    expect((await query(store, "SELECT ci_low, standard_error > 0 AS known FROM rates"))[0]).toEqual({
      ci_low: null,
      known: true,
    });
  });

  it("count losses of a replicate without a row in replicates as not certified", async () => {
    await store.run("INSERT INTO design_points VALUES ('a/1000', 'a', 1000, 3)");
    await store.run("INSERT INTO losses VALUES ('a/1000', 0, 'voronoi-d1', 'total', 1)");
    const rows = await query(store, "SELECT fits, replicates, missing FROM rates WHERE statistic = 'mean'");
    expect(rows).toEqual([
      { fits: "all", replicates: 1, missing: 0 },
      { fits: "certified", replicates: 0, missing: 1 },
    ]);
  });
});
