import { join } from "node:path";
import { expect, test } from "vitest";
import { terminalPlot } from "../src/report/terminal-plot.ts";
import { command, fakeRun, temporaryFolder, writeStudy } from "./support.ts";

const sizes = [1000, 10_000, 100_000];

test("a power law is a straight line of one letter, and its legend says which", () => {
  const text = terminalPlot([{ name: "loss, fit, k = 2", points: sizes.map((n) => [n, n ** -0.5]) }], 80)!;
  const rows = text.split("\n").filter((row) => /[│┤]/.test(row));
  const places = rows.flatMap((row, index) =>
    row.includes("a") ? [[row.indexOf("a"), index] as const] : [],
  );
  expect(places).toHaveLength(3);
  const [[x0, y0], [x1, y1], [x2, y2]] = places;
  expect(Math.abs(x1 - x0 - (x2 - x1))).toBeLessThanOrEqual(1);
  expect(Math.abs(y1 - y0 - (y2 - y1))).toBeLessThanOrEqual(1);
  expect(text).toMatch(/^ {2}a {2}loss, fit, k = 2$/m);
  expect(text).toMatch(/1k +3k +10k +30k +100k/);
});

test("every line has a letter of its own; more than eight are counted", () => {
  const lines = Array.from({ length: 10 }, (_, index) => ({
    name: `loss ${index}`,
    points: sizes.map((n) => [n, (index + 1) * n ** -0.5] as const),
  }));
  const text = terminalPlot(lines, 100)!;
  for (const letter of "abcdefgh")
    expect(text.split("\n").some((row) => /[│┤]/.test(row) && row.includes(letter))).toBe(true);
  expect(text).toContain("and 2 more");
});

test("it fits the terminal, and one sample size is no plot", () => {
  const points = sizes.map((n) => [n, 1 / n] as const);
  for (const columns of [40, 80, 200])
    for (const row of terminalPlot([{ name: "x", points }], columns)!.split("\n"))
      expect(row.length).toBeLessThanOrEqual(Math.max(columns, 44));
  expect(terminalPlot([{ name: "x", points: points.slice(0, 1) }], 80)).toBeNull();
  expect(terminalPlot([], 80)).toBeNull();
});

test("rates --plot draws it below the table; without a terminal and the option there is none", async () => {
  const folder = temporaryFolder();
  const database = join(folder, "tiny.duckdb");
  await fakeRun(writeStudy(folder, { sizes: [200, 400, 800] }), database, 2, {});
  const { out } = await command(folder, "rates", database, "--plot");
  expect(out).toMatch(/median loss against n[\s\S]*^ {2}d {2}voronoi-d1, fit, k = 3$/m);
  expect((await command(folder, "rates", database)).out).not.toContain("median loss against n");
  expect(JSON.parse((await command(folder, "rates", database, "--plot", "--json")).out)).not.toEqual([]);
});
