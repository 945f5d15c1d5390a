import { describe, expect, it } from "vitest";
import type { MixingMeasure } from "@moe-rates/mixture";
import { voronoiLoss, type VoronoiLossName } from "../src/index.ts";
import { bestOverFactors, type Formula, searchGauge } from "./definition.ts";
import { randomPair } from "./measures.ts";

const once = (size: number) => (size > 1 ? 2 : 1);
const warm = (measure: MixingMeasure, temperature: number): MixingMeasure => ({
  ...measure,
  temperature,
  atoms: measure.atoms.map((atom) => ({ ...atom, beta0: temperature * atom.beta0 })),
});
const routed = (measure: MixingMeasure): MixingMeasure => ({ ...measure, gauge: "intercept" });
const active = (measure: MixingMeasure): MixingMeasure => ({ ...measure, activeAtoms: 2 });

interface Case {
  readonly name: VoronoiLossName;
  readonly formula: Formula;
  readonly dress?: (measure: MixingMeasure, which: "fitted" | "truth") => MixingMeasure;
}
const temperatures = (measure: MixingMeasure, which: string) => warm(measure, which === "truth" ? 0.7 : 0.75);
const cases: Case[] = [
  { name: "voronoi-d2:1", formula: { power: () => 1, blocks: [2, 1] } },
  { name: "voronoi-d2:1.5", formula: { power: () => 1.5, blocks: [2, 1] } },
  { name: "voronoi-d2:2", formula: { power: () => 2, blocks: [2, 1] } },
  { name: "voronoi-d2:3", formula: { power: () => 3, blocks: [2, 1] } },
  { name: "voronoi-d2:6", formula: { power: () => 6, blocks: [2, 1] } },
  { name: "voronoi-d3:1", formula: { power: () => 1, temperature: true }, dress: temperatures },
  { name: "voronoi-d3:3", formula: { power: () => 3, temperature: true }, dress: temperatures },
  { name: "voronoi-d4", formula: { power: once, temperature: true }, dress: temperatures },
  {
    name: "voronoi-d4",
    formula: { power: once, temperature: true },
    dress: (measure, which) => routed(temperatures(measure, which)),
  },
  { name: "voronoi-d1", formula: { power: once }, dress: routed },
  { name: "top-k-d1", formula: { power: once, active: 2 }, dress: active },
];

describe.each(cases)("$name, case %#", ({ name, formula, dress = (measure) => measure }) => {
  it.each([
    ["near the truth", 0.02],
    ["in between", 0.2],
    ["far from it", 1.5],
  ])(
    "is at most 1.01 times a random search over the gauge for fits %s, and has the value it says",
    (_, radius) => {
      for (let key = 0; key < (formula.active ? 1 : 3); key++) {
        const pair = randomPair(key, { m: formula.active ? 3 : 2, k: [3, 2, 4][key], d: 2, q: 3, radius });
        const fitted = dress(pair.fitted, "fitted");
        const truth = dress(pair.truth, "truth");
        const { total, shift } = voronoiLoss(name, fitted, truth, [2, 1]);
        expect(total).toBeLessThanOrEqual(
          1.01 * searchGauge(formula, fitted, truth, key, formula.active ? 3 : 10),
        );
        const there = bestOverFactors(formula, fitted, truth, Array.from(shift.t1));
        expect(total).toBeLessThanOrEqual(there * (1 + 1e-9));
        if (formula.active === undefined) expect(total).toBeGreaterThanOrEqual(there * (1 - 1e-9));
      }
    },
  );
});
