import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createModel } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { createSolver, mixtureProblem } from "../src/index.ts";
import { drawData, objectiveOn, tanhWithoutBias } from "./support/mixture-data.ts";

const kinds = [
  "Float64Array",
  "Float32Array",
  "Int32Array",
  "Uint32Array",
  "Uint8Array",
  "ArrayBuffer",
  "Array",
  "Map",
  "Set",
] as const;
const copying = ["slice", "map", "filter", "subarray"] as const;

/** Typed arrays, buffers, arrays and maps that `work` makes through a constructor or a copying method. */
function allocations(work: () => void): number {
  let count = 0;
  const scope = globalThis as unknown as Record<string, object>;
  const originals = new Map(kinds.map((kind) => [kind, scope[kind]]));
  const typed = Object.getPrototypeOf(Float64Array.prototype) as Record<string, unknown>;
  const methods = new Map(copying.map((name) => [name, typed[name]]));
  for (const [kind, original] of originals) {
    scope[kind] = new Proxy(original, {
      construct(target, given, self) {
        count++;
        return Reflect.construct(target as new () => object, given, self) as object;
      },
      get(target, name, self) {
        if (name === "from" || name === "of") count++;
        return Reflect.get(target, name, self === scope[kind] ? target : self) as unknown;
      },
    });
  }
  for (const [name, method] of methods) {
    typed[name] = function counted(this: object, ...given: unknown[]) {
      count++;
      return Reflect.apply(method as () => unknown, this, given as []);
    };
  }
  try {
    work();
  } finally {
    for (const [kind, original] of originals) scope[kind] = original;
    for (const [name, method] of methods) typed[name] = method;
  }
  return count;
}

describe("a solver bound to a mixture objective", () => {
  const data = drawData("allocation", 700);
  const model = createModel({ gating: "softmax", expert: tanhWithoutBias, inputDim: 2, atoms: 3 });
  const solver = createSolver(mixtureProblem(objectiveOn(model, data), 10));
  const start = Float64Array.from({ length: model.parameterCount }, (_, i) => Math.sin(3 * i + 1));
  const solve = (maxIterations: number) =>
    solver.solve(start, { maxIterations, cosineTolerance: 0, reductionTolerance: 0 });

  test("makes no array while iterating: 40 steps make as many as 2 do", () => {
    let iterations = 0;
    const few = allocations(() => void solve(2));
    const many = allocations(() => (iterations = solve(40).iterations));
    expect(iterations).toBe(40);
    expect(many).toBe(few);
    expect(few).toBeLessThanOrEqual(4);
  });

  test("counts what a solve does allocate, so that the test above can fail", () => {
    expect(allocations(() => void new Float64Array(3).slice())).toBeGreaterThanOrEqual(2);
    expect(allocations(() => void Float64Array.from([1, 2]).map((value) => value))).toBeGreaterThanOrEqual(2);
  });

  test("does not grow the heap over 400 solves: what a compiler keeps is kept once, what leaks leaks every time", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const growth = Array.from({ length: 4 }, () => {
      const before = used();
      for (let i = 0; i < 400; i++) solve(3);
      return used() - before;
    });
    expect(Math.min(...growth)).toBeLessThan(200_000);
  });
});
