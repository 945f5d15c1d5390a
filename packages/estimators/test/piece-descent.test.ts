import { stream } from "@moe-rates/math";
import { createModel } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { createSolver, mixtureProblem } from "../src/index.ts";
import { descendPieces } from "../src/piece-descent.ts";
import { fitData } from "../src/screening-data.ts";
import { objectiveOn } from "./support/mixture-data.ts";

/** One input, two constant experts, one active: f is a step, and a piece is a place between two neighbouring inputs. */
const model = createModel({
  gating: { family: "top-k", k: 1, rank: "score" },
  expert: "constant",
  inputDim: 1,
  atoms: 2,
});
const n = 120;

function stepData(key: number) {
  const random = stream("piece descent", key);
  const x = Float64Array.from({ length: n }, () => 4 * random.uniform() - 2);
  const y = x.map((value) => (value > 0.6 ? 1 : 0) + 0.5 * random.normal());
  return { x, y };
}

/** Lowest sum of squares of all steps, by trying every place. */
function bestStep({ x, y }: ReturnType<typeof stepData>): number {
  const order = Array.from(x.keys()).sort((a, b) => x[a] - x[b]);
  const squares = (rows: number[]) => {
    const mean = rows.reduce((sum, i) => sum + y[i], 0) / Math.max(1, rows.length);
    return rows.reduce((sum, i) => sum + (y[i] - mean) ** 2, 0);
  };
  return Math.min(...order.map((_, cut) => squares(order.slice(0, cut)) + squares(order.slice(cut))));
}

describe("descent across pieces", () => {
  test.for([1, 2, 3, 4, 5])("finds the best step of all in data set %i, from a step far away", (key) => {
    const data = stepData(key);
    const solver = createSolver(mixtureProblem(objectiveOn(model, data), 10));
    const start = model.pack([
      { beta1: [1], beta0: 1.2, b: 0.5 },
      { beta1: [-1], beta0: -1.2, b: 0 },
    ]);
    const from = solver.solve(start);
    const found = descendPieces({
      model,
      data: fitData(data.x, data.y, 1),
      solver,
      from,
      random: stream("piece descent moves", key),
      options: {},
    });
    expect(from.sse).toBeGreaterThan(bestStep(data) + 0.5);
    expect(found.sse / bestStep(data)).toBeCloseTo(1, 10);
  });
});
