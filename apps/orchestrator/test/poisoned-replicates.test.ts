import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openForReading } from "../src/store/store-file.ts";
import { select } from "../src/store/select.ts";
import { fakeRun, readResults, temporaryFolder, writeStudy } from "./support.ts";
import type { Fake } from "./support.ts";

async function rowsOf<Row>(file: string, sql: string): Promise<Row[]> {
  const database = await openForReading(file);
  try {
    return await select<Row>(database.connection, sql);
  } finally {
    database.close();
  }
}

interface Failure {
  replicate: number;
  kind: string;
  replay: string;
}

const failures = "SELECT replicate, kind, replay FROM failures ORDER BY ALL";

describe.each(["thread", "process"] as const)("in a worker %s, a replicate that", (isolation) => {
  const guard = isolation === "process" ? { isolation } : {};
  const cases: [string, Fake, string, number?][] = [
    ["throws", { throws: [5] }, "RangeError"],
    ["ends its worker", { dies: [5] }, "worker-lost"],
    ["hangs", { hangs: [5] }, "time-limit", 3],
    ["takes all memory", { exhausts: [5] }, isolation === "thread" ? "worker-out-of-memory" : "worker-lost"],
    ...(isolation === "process"
      ? [["aborts its process", { aborts: [5] }, "worker-lost"] as [string, Fake, string]]
      : []),
  ];
  test.each(cases)(
    "%s becomes a failed row with its replay command, and all others finish",
    async (_, fake, kind, timeLimit = 600) => {
      const folder = temporaryFolder();
      const study = writeStudy(folder, { sizes: [200], atoms: [2], replicates: 12 });
      const [out, fresh] = [join(folder, "a.duckdb"), join(folder, "b.duckdb")];
      expect(await fakeRun(study, out, 2, fake, false, { ...guard, timeLimit })).toMatchObject({
        added: 12,
        failed: 1,
        failures: [{ replicate: 5, kind }],
      });
      const [{ id }] = await rowsOf<{ id: string }>(out, "SELECT design_point AS id FROM design_points");
      expect(await rowsOf<Failure>(out, failures)).toEqual([
        { replicate: 5, kind, replay: `moe-rates replay FILE --design ${id} --replicate 5` },
      ]);
      expect(await fakeRun(study, out, 2, {}, true)).toMatchObject({ added: 1, failed: 0 });
      await fakeRun(study, fresh, 2, {});
      expect(await readResults(out)).toEqual(await readResults(fresh));
    },
  );
});

test("several that hang in one batch are each found, and cost one limit each", async () => {
  const folder = temporaryFolder();
  const study = writeStudy(folder, { sizes: [200], atoms: [2], replicates: 40 });
  const out = join(folder, "a.duckdb");
  const [hangs, attempts] = [[3, 4, 17, 39], join(folder, "attempts")];
  const summary = await fakeRun(study, out, 2, { hangs, attempts }, false, { timeLimit: 2 });
  expect(summary).toMatchObject({ added: 40, failed: 4 });
  expect((await rowsOf<Failure>(out, failures)).map(({ replicate }) => replicate)).toEqual(hangs);
  const tried = readFileSync(attempts, "utf8").trim().split("\n").map(Number);
  expect(tried.toSorted((a, b) => a - b)).toEqual(hangs);
});

test("a stored fit whose added loss cannot be computed stops nothing, is named, and is tried again by the next run", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "a.duckdb");
  const few = { sizes: [200], atoms: [2], losses: ["voronoi-d1"] };
  await fakeRun(writeStudy(folder, few), out, 2, {});
  const grown = writeStudy(folder, { ...few, losses: ["voronoi-d1", "regression-l2"] });
  const summary = await fakeRun(grown, out, 2, { spoilt: [3] });
  expect(summary.lostLosses).toEqual([
    expect.stringMatching(
      /^regression-l2 of [0-9a-f]{16}\/200, replicate 3: a stored fit that cannot be measured$/,
    ),
  ]);
  const added = "SELECT count(*) AS n FROM losses WHERE loss = 'regression-l2' AND component = 'total'";
  expect(await rowsOf(out, added)).toEqual([{ n: 7 }]);
  expect((await fakeRun(grown, out, 2, {})).lostLosses).toEqual([]);
  expect(await rowsOf(out, added)).toEqual([{ n: 8 }]);
});
