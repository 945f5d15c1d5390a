import { describe, expect, it } from "vitest";
import { formatRateTable, type RateRow } from "../src/index.ts";

const complete: RateRow = {
  design: "3f2a90c1d4e5b678",
  k: 2,
  loss: "voronoi-d1",
  component: "total",
  statistic: "mean",
  fits: "all",
  slope: -0.50312,
  intercept: 0.7,
  standardError: 0.01249,
  ci: [-0.5284, -0.4778],
  r2: 0.99871,
  points: 13,
  sizes: 13,
  replicates: 40,
  zeros: 0,
  invalid: 0,
  missing: 0,
};

const empty: RateRow = {
  ...complete,
  statistic: "median",
  fits: "certified",
  slope: null,
  standardError: null,
  ci: null,
  r2: null,
  points: 1,
  zeros: 2,
  invalid: 3,
  missing: 480,
};

describe("formatRateTable", () => {
  it("aligns columns, marks what does not exist and says what was left out", () => {
    expect(formatRateTable([complete, empty]).split("\n")).toEqual([
      "design            k  loss        component  statistic  fits           slope ± se     95 % interval     R2  points  left out",
      "3f2a90c1d4e5b678  2  voronoi-d1  total      mean       all        -0.503 ± 0.012  [-0.528, -0.478]  0.999      13",
      "3f2a90c1d4e5b678  2  voronoi-d1  total      median     certified               -                 -      -       1  12 of 13 sizes, 480 missing, 3 invalid, (2 zeros used)",
    ]);
  });

  it("shows a slope without a standard error", () => {
    expect(formatRateTable([{ ...complete, standardError: null, ci: null }])).toContain("-0.503 ± -");
  });

  it("goes by names of fits, marks local fits and shows the certified share where rows carry them", () => {
    const labelled = [
      { ...complete, fit: "global", local: false, certifiedShare: 0.99951 },
      { ...complete, fit: "near", local: true, certifiedShare: 0 },
      { ...complete, fit: "sure", local: false, certifiedShare: 1 },
      { ...complete, fit: "none", local: false, certifiedShare: null },
    ];
    expect(formatRateTable(labelled).split("\n")).toEqual([
      "fit     k  loss        component  statistic  fits        certified      slope ± se     95 % interval     R2  points  left out",
      "global  2  voronoi-d1  total      mean       all            99.9 %  -0.503 ± 0.012  [-0.528, -0.478]  0.999      13",
      "near    2  voronoi-d1  total      mean       all, local      0.0 %  -0.503 ± 0.012  [-0.528, -0.478]  0.999      13",
      "sure    2  voronoi-d1  total      mean       all             100 %  -0.503 ± 0.012  [-0.528, -0.478]  0.999      13",
      "none    2  voronoi-d1  total      mean       all                 -  -0.503 ± 0.012  [-0.528, -0.478]  0.999      13",
    ]);
  });

  it("is only the header without rows", () => {
    expect(formatRateTable([])).toMatch(/^design .*left out$/);
  });
});

describe("formatRateTable with statements of theory", () => {
  it("shows both statements, each with its verdict, and the level of the intervals", () => {
    const published = { statement: "O_P((log n / n)^(1/2))", verdict: "consistent" };
    const row = { ...complete, published, audited: null, level: 0.99 };
    const [head, line] = formatRateTable([
      row,
      { ...row, audited: { statement: "n^-(1/2)", verdict: "refused" } },
    ]).split("\n");
    expect(head).toMatch(/99 % interval +published +audited +R2/);
    expect(line).toMatch(/O_P\(\(log n \/ n\)\^\(1\/2\)\): consistent +- +0.999/);
    expect(formatRateTable([{ ...row, audited: { statement: "n^-(1/2)", verdict: "refused" } }])).toContain(
      "n^-(1/2): refused",
    );
  });

  it("names no level where rows have different ones", () => {
    expect(formatRateTable([complete, { ...complete, level: 0.9 }])).toMatch(/ interval +R2/);
    expect(formatRateTable([complete, { ...complete, level: 0.9 }])).not.toContain("% interval");
  });
});
