import { readFileSync } from "node:fs";
import { referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import { createModel, type ExpertSpec, type NamedAtom } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../src/index.ts";

/** Made by tools/golden/fits.py: data, and the lowest sum of squares of 90 MINPACK runs. */
interface GoldenFit {
  name: string;
  gating: string;
  expert: ExpertSpec;
  atoms: number;
  inputDim: number;
  sse: number;
  sseTruth: number;
  truth: NamedAtom[];
  x: number[];
  y: number[];
}

const fits: GoldenFit[] = JSON.parse(readFileSync(new URL("fixtures/fits.json", import.meta.url), "utf8"));

describe("the global fit is as good as the best of 90 MINPACK runs", () => {
  test.each(fits.map((fit) => [fit.name, fit] as const))("%s", (_name, golden) => {
    const { gating, expert, inputDim, atoms } = golden;
    const x = Float64Array.from(golden.x);
    const y = Float64Array.from(golden.y);
    const modelWith = (k: number) => createModel({ gating, expert, inputDim, atoms: k });
    const model = modelWith(atoms);
    const fit = fitGlobal({
      kernels: referenceKernels(globalFitDoubles(y.length, model)),
      x,
      y,
      inputDim,
      modelWith,
      atoms,
      box: 10,
      policy: mixedPolicy,
      points: [],
      random: (purpose) => stream("golden fits", purpose),
    });
    expect(fit.sse / golden.sse - 1).toBeLessThan(1e-6);
    expect(fit.certified).toBe(true);
    const f = new Float64Array(y.length);
    const sseAt = (theta: Float64Array) => {
      model.regression(theta, x, y.length, f);
      return y.reduce((sum, value, i) => sum + (value - f[i]) ** 2, 0);
    };
    expect(sseAt(fit.theta) / fit.sse).toBeCloseTo(1, 12);
    expect(sseAt(model.pack(golden.truth)) / golden.sseTruth).toBeCloseTo(1, 12);
  });
});
