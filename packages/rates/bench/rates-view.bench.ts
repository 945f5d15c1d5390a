import { bench, describe } from "vitest";
import { emptyStore, query } from "../test/store.ts";

/** 40 designs x 13 sizes x 128 replicates x 15 loss components = 998,400 loss rows. */
const fill = [
  `INSERT INTO design_points SELECT 'design' || d || '/' || s, 'design' || d, (1000 * pow(2, s))::BIGINT, 3
    FROM range(40) t(d), range(13) u(s)`,
  `INSERT INTO replicates (design_point, replicate, status, certified)
    SELECT design_point, r, 'converged', hash(design_point, r) % 10 > 0 FROM design_points, range(128) t(r)`,
  `INSERT INTO losses SELECT design_point, replicate, 'voronoi-d1', 'part' || c, exp((hash(design_point, replicate, c) % 1000) / 500) / sqrt(n)
    FROM replicates JOIN design_points USING (design_point), range(15) t(c)`,
];

const store = await emptyStore();
await store.run("SET threads = 2");
for (const statement of fill) await store.run(statement);

/** At least five runs each, whatever they take. */
const fiveRuns = { iterations: 5, warmupIterations: 1, time: 0, warmupTime: 0 };

describe("views over 998,400 loss rows, two threads", () => {
  const floor = `SELECT sum(least_value) FROM (SELECT list_sort(list(value))[1] AS least_value FROM losses JOIN design_points USING (design_point)
    GROUP BY design, n, component)`;
  bench(
    "the floor: join, group and sort the values of each size",
    async () => void (await query(store, floor)),
    fiveRuns,
  );
  bench("rates", async () => void (await query(store, "SELECT * FROM rates")), fiveRuns);
  bench(
    "rates of one design",
    async () => void (await query(store, "SELECT * FROM rates WHERE design = 'design7'")),
    fiveRuns,
  );
  bench("local_slopes", async () => void (await query(store, "SELECT * FROM local_slopes")), fiveRuns);
});
