import { readFileSync } from "node:fs";
import { createModel } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { degenerateSequence, sequenceTable, wideHalton } from "../src/index.ts";
import { midpointGrid } from "./support/midpoint-grid.ts";

const golden = (
  JSON.parse(readFileSync(new URL("./fixtures/theory.json", import.meta.url), "utf8")) as {
    sequences: { theorem: string; r: number; n: number; loss: number; ratio: number }[];
  }
).sequences;
const table = sequenceTable(midpointGrid(2, 300, -1, 1));
const entry = (theorem: string, r: number, n: number) =>
  table.find((one) => one.theorem === theorem && one.r === r && one.n === n)!;
const twoDigits = (value: number) => value.toExponential(1);

describe("sequenceTable", () => {
  it.each(golden)(
    "has numpy's loss and ratio for $theorem, r = $r, n = $n",
    ({ theorem, r, n, loss, ratio }) => {
      const found = entry(theorem, r, n);
      expect(found.loss / loss).toBeCloseTo(1, 6);
      if (ratio === 0) expect(found.ratio).toBeLessThan((1e-4 * 10 ** -r) / n ** r + 1e-6);
      else expect(found.ratio / ratio).toBeCloseTo(1, 2);
    },
  );

  it("has the two digits of the specification's table of losses and ratios", () => {
    const rows: [string, number, string[], string[]][] = [
      ["theorem-2", 1, ["1.5e-1", "1.4e-2", "1.4e-3"], ["1.9e-2", "2.0e-3", "2.0e-4"]],
      ["theorem-2", 2, ["1.5e-2", "1.4e-4", "1.4e-6"], ["1.9e-2", "2.0e-3", "2.0e-4"]],
      ["theorem-2", 3, ["1.5e-3", "1.4e-6", "1.4e-9"], ["1.9e-2", "2.0e-3", "2.0e-4"]],
      ["theorem-6", 1, ["2.7e-1", "2.5e-2", "2.5e-3"], ["1.1e-2", "1.2e-3", "1.2e-4"]],
      ["theorem-6", 2, ["2.7e-2", "2.5e-4", "2.5e-6"], ["1.1e-2", "1.2e-3", "1.2e-4"]],
      ["theorem-6", 3, ["2.7e-3", "2.5e-6", "2.5e-9"], ["1.1e-2", "1.2e-3", "1.2e-4"]],
      ["sigmoid-theorem-4", 1, ["2.1e-1", "2.0e-2", "2.0e-3"], ["6.6e-2", "6.9e-3", "6.9e-4"]],
      ["sigmoid-theorem-4", 2, ["2.1e-2", "2.0e-4", "2.0e-6"], ["6.6e-2", "6.9e-3", "6.9e-4"]],
      ["sigmoid-theorem-4", 3, ["2.1e-3", "2.0e-6", "2.0e-9"], ["6.6e-2", "6.9e-3", "6.9e-4"]],
    ];
    for (const [theorem, r, losses, ratios] of rows) {
      const found = [10, 100, 1000].map((n) => entry(theorem, r, n));
      found.forEach((one, i) =>
        expect(Math.abs(one.loss / Number(losses[i]) - 1), `${theorem} r=${r}`).toBeLessThan(0.04),
      );
      found.forEach((one, i) =>
        expect(Math.abs(one.ratio / Number(ratios[i]) - 1), theorem).toBeLessThan(0.05),
      );
    }
    const third = [1, 2, 3].map((r) => [10, 100, 1000].map((n) => twoDigits(entry("theorem-3", r, n).loss)));
    expect(third).toEqual([
      ["3.1e-1", "3.1e-2", "3.1e-3"],
      ["2.9e-2", "2.9e-4", "2.9e-6"],
      ["2.7e-3", "2.7e-6", "2.7e-9"],
    ]);
  });

  it("keeps the function to rounding in theorem 3 and in the replacement of the sigmoid paper's theorem 3", () => {
    for (const theorem of ["theorem-3", "sigmoid-theorem-3"])
      for (const n of [10, 100, 1000]) {
        const { ratio, loss } = entry(theorem, 2, n);
        expect(ratio * loss, theorem).toBeLessThan(1e-14);
        expect(loss).toBeGreaterThan(0.5 * n ** -2);
      }
  });

  it("has vanishing ratios while the losses vanish", () => {
    for (const theorem of ["theorem-2", "theorem-6", "sigmoid-theorem-4"])
      for (const r of [1, 2, 3])
        expect(entry(theorem, r, 1000).ratio).toBeLessThan(0.02 * entry(theorem, r, 10).ratio);
  });
});

describe("degenerateSequence", () => {
  it("refuses truths of another kind", () => {
    const model = createModel({ gating: "softmax", expert: "linear", inputDim: 1, atoms: 1 });
    const theta = model.pack([{ beta1: [0], beta0: 0, a: [1], b: 0 }]);
    const points = wideHalton(1, 10);
    expect(() => degenerateSequence("theorem-3", model, theta, points, { r: 1, n: 10 })).toThrow(
      /dense-to-sparse/,
    );
    expect(() => degenerateSequence("sigmoid-theorem-4", model, theta, points, { r: 1, n: 10 })).toThrow(
      /needs sigmoid gates, not softmax/,
    );
  });
});
