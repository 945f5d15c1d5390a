import { readFileSync } from "node:fs";
import { BLOCK } from "@moe-rates/kernels";
import { describe, expect, test } from "vitest";
import { createEvaluator, createModel, evaluatorDoubles, type NamedAtom } from "../src/index.ts";
import { writeBasis } from "../src/basis.ts";
import { engines } from "./support/guarded-columns.ts";

/** Made by tools/golden/gatings.py: weights, f, its gradient and the upper triangle of its Hessian for gates of linear experts. */
interface GoldenCase {
  spec: { family: string } & Record<string, unknown>;
  rows: {
    x: number[];
    atoms: NamedAtom[];
    shared: Record<string, number>;
    weights: number[];
    value: number;
    gradient: number[];
    hessian: number[];
  }[];
}

const cases: GoldenCase[] = JSON.parse(
  readFileSync(new URL("fixtures/gatings.json", import.meta.url), "utf8"),
);

/** Weights, f, gradient and upper triangle of the Hessian of a model at one input, out of the evaluator's columns. */
function evaluate(engine: string, spec: GoldenCase["spec"], row: GoldenCase["rows"][number]) {
  const inputDim = row.x.length;
  const model = createModel({ gating: spec, expert: "linear", inputDim, atoms: row.atoms.length });
  const p = model.parameterCount;
  const kernels = engines[engine](evaluatorDoubles(model, 2) + (inputDim + 1) * BLOCK + p + 64);
  const { f64, allocate } = kernels.memory;
  const evaluator = createEvaluator(model, kernels, 2);
  const basis = allocate((inputDim + 1) * BLOCK);
  const theta = allocate(p);
  f64.set(model.pack(row.atoms, row.shared), theta);
  writeBasis(kernels.memory, basis, Float64Array.from(row.x), 1, inputDim, false, 0, 1);
  evaluator.forward(basis, theta, 2);
  const gradient = new Float64Array(p);
  const hessian = Array.from({ length: p }, () => new Float64Array(p));
  const { channels } = model;
  channels.forEach((left, c) => {
    for (let t = 0; t < left.terms; t++) {
      const z = f64[basis + (left.basis + t) * BLOCK];
      gradient[left.parameter + t] = f64[evaluator.scalars + c * BLOCK] * z;
      channels.slice(c).forEach((right, offset) => {
        const at = evaluator.curvature[c * channels.length + c + offset];
        for (let u = 0; at >= 0 && u < right.terms; u++) {
          const entry = f64[at] * z * f64[basis + (right.basis + u) * BLOCK];
          hessian[left.parameter + t][right.parameter + u] = entry;
          hessian[right.parameter + u][left.parameter + t] = entry;
        }
      });
    }
  });
  return {
    weights: row.atoms.map((_, j) => f64[evaluator.weights + j * BLOCK]),
    value: f64[evaluator.regression],
    gradient: [...gradient],
    hessian: hessian.flatMap((entries, i) => [...entries.subarray(i)]),
  };
}

describe.each(Object.keys(engines))(
  "a gate agrees with 50-digit values of its formula, %s kernels",
  (engine) => {
    test.each(cases.map(({ spec, rows }) => [JSON.stringify(spec), spec, rows] as const))(
      "%s: weights, regression function, gradient and Hessian",
      (_title, spec, rows) => {
        for (const row of rows) {
          const found = evaluate(engine, spec, row);
          for (const [name, tolerance] of Object.entries({
            weights: 1e-15,
            gradient: 1e-14,
            hessian: 1e-14,
          })) {
            const expected = row[name as "weights"];
            const scale = Math.max(1, ...expected.map(Math.abs));
            const actual = found[name as "weights"];
            expect(actual).toHaveLength(expected.length);
            actual.forEach((value, i) =>
              expect(Math.abs(value - expected[i]) / scale, `${name}[${i}]`).toBeLessThan(tolerance),
            );
          }
          expect(Math.abs(found.value - row.value)).toBeLessThan(4e-15);
        }
      },
    );
  },
);
