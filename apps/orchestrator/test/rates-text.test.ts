import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "../src/command-line/shell-word.ts";
import { rateTableText } from "../src/commands/rates.ts";
import { shapeTable } from "../src/inference/inference-text.ts";
import type { NamedRate } from "../src/store/read-rates.ts";

const row: NamedRate = {
  design: "3f2a90c1d4e5b678",
  fit: "global",
  local: false,
  certifiedShare: 1,
  k: 2,
  loss: "voronoi-d1",
  component: "total",
  statistic: "median",
  fits: "all",
  slope: -0.5,
  intercept: 0.7,
  standardError: 0.01,
  ci: [-0.53, -0.47],
  r2: 0.998,
  points: 5,
  sizes: 5,
  replicates: 40,
  zeros: 0,
  invalid: 0,
  missing: 0,
};

test("a table of certified fits goes by the names of the fits and needs no note", () => {
  expect(rateTableText([row], null).split("\n")).toEqual([
    "fit     k  loss        component  statistic  fits  certified      slope ± se     95 % interval     R2  points  left out",
    "global  2  voronoi-d1  total      median     all       100 %  -0.500 ± 0.010  [-0.530, -0.470]  0.998       5",
  ]);
});

test("local fits are marked in their row and explained below the table", () => {
  const near = { ...row, design: "a1", fit: "near", local: true, certifiedShare: 0 };
  const text = rateTableText([row, near], null);
  expect(text).toMatch(/^near .* all, local +0.0 % /m);
  expect(text).toMatch(/\n\nfit near, k = 2: local fits, .* not the least-squares estimator$/);
});

test("a design with uncertified fits says where the slopes of the certified ones are", () => {
  const text = rateTableText([{ ...row, certifiedShare: 0.975 }], null);
  expect(text).toContain("97.5 %");
  expect(text).toMatch(/fit global, k = 2: some fits are not certified; rates --all/);
});

test("the table of shapes says below what its columns mean", () => {
  const [head, ...rest] = shapeTable([]).split("\n");
  for (const column of [
    "curvature p",
    "power law from n",
    "law",
    "weight",
    "chosen",
    "detectable",
    "all - certified",
  ]) {
    expect(head).toContain(column);
    expect(rest.join("\n")).toContain(column);
  }
});

test.for([
  ["study.duckdb", "study.duckdb"],
  ["results/my study.duckdb", "'results/my study.duckdb'"],
  ["it's $HOME.duckdb", `'it'\\''s $HOME.duckdb'`],
])("the shell reads %s back as it was", ([word, quoted]) => {
  expect(shellWord(word)).toBe(quoted);
  expect(execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" })).toBe(word);
});
