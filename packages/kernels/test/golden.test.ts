import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BLOCK, type Activation, type Kernels } from "../src/index.ts";
import { kernelSets } from "./kernel-sets.ts";
import { ulpsFrom } from "./ulps.ts";

type Row = (number | "Infinity" | "-Infinity")[];
const golden = JSON.parse(readFileSync(new URL("fixtures/kernels.json", import.meta.url), "utf8")) as Record<
  string,
  Row[]
>;

/** Largest error in ulps per derivative. Within 1/2 of a zero of the derivative the error is absolute, in units of 2^-53 instead; values
 *  below 1e-300 (subnormal on the way) count as 0. */
const bounds: Record<string, { ulps: number[]; zeros: number[][] }> = {
  exp: { ulps: [1], zeros: [[]] },
  tanh: { ulps: [2.5, 5, 7], zeros: [[], [], []] },
  logistic: { ulps: [2.5, 5, 7], zeros: [[], [], [0]] },
  gelu: { ulps: [5, 8, 8], zeros: [[], [-0.7517915247], [-Math.SQRT2, Math.SQRT2]] },
};

function evaluate(kernels: Kernels, name: string, x: number[]): number[][] {
  const at = kernels.memory.allocate(4 * BLOCK);
  const out: number[][] = [[], [], []];
  for (let from = 0; from < x.length; from += BLOCK) {
    const part = x.slice(from, from + BLOCK);
    kernels.memory.f64.set(part, at);
    if (name === "exp") kernels.exp(at + BLOCK, at, part.length);
    else
      kernels.activation(name as Activation, at, part.length, 2, at + BLOCK, at + 2 * BLOCK, at + 3 * BLOCK);
    for (let order = 0; order < 3; order++) {
      const column = at + (order + 1) * BLOCK;
      out[order].push(...kernels.memory.f64.subarray(column, column + part.length));
    }
  }
  return out;
}

describe.each(kernelSets)("%s kernels against 60-digit arithmetic", (_set, create) => {
  test.each(Object.keys(bounds))(
    "%s and its derivatives stay within their stated ulps over the whole range",
    (name) => {
      const rows = golden[name].map((row) => row.map(Number));
      const got = evaluate(
        create(8 * BLOCK),
        name,
        rows.map(([x]) => x),
      );
      bounds[name].ulps.forEach((bound, order) => {
        let worst = 0;
        let where = 0;
        rows.forEach((row, i) => {
          const [head, tail] = row.slice(1 + 2 * order);
          const value = got[order][i];
          if (name !== "exp" && Math.max(Math.abs(value), Math.abs(head)) < 1e-300) return;
          const near = bounds[name].zeros[order].some((zero) => Math.abs(row[0] - zero) < 0.5);
          const ulps = near ? Math.abs(value - head - tail) * 2 ** 53 : ulpsFrom(value, head, tail);
          if (ulps > worst) [worst, where] = [ulps, row[0]];
        });
        if (process.env["SHOW_ULPS"]) console.log(_set, name, order, worst.toFixed(2), where);
        expect(worst, `order ${order}, worst at ${where}`).toBeLessThanOrEqual(bound);
      });
    },
  );
});

const special: Record<string, [number, ...number[]][]> = {
  exp: [
    [NaN, NaN],
    [Infinity, Infinity],
    [-Infinity, 0],
    [0, 1],
    [-0, 1],
    [1000, Infinity],
    [-1000, 0],
  ],
  tanh: [
    [NaN, NaN, NaN, NaN],
    [Infinity, 1, 0, -0],
    [-Infinity, -1, 0, 0],
    [0, 0, 1, -0],
    [-0, -0, 1, 0],
  ],
  logistic: [
    [NaN, NaN, NaN, NaN],
    [Infinity, 1, 0, -0],
    [-Infinity, 0, 0, 0],
    [0, 0.5, 0.25, 0],
    [-0, 0.5, 0.25, 0],
  ],
  gelu: [
    [NaN, NaN, NaN, NaN],
    [Infinity, Infinity, 1, 0],
    [-Infinity, 0, 0, 0],
    [0, 0, 0.5, 0.7978845608028654],
    [-0, 0, 0.5, 0.7978845608028654],
  ],
  relu: [
    [NaN, NaN, 0, 0],
    [Infinity, Infinity, 1, 0],
    [-Infinity, 0, 0, 0],
    [0, 0, 0, 0],
    [-0, 0, 0, 0],
    [3, 3, 1, 0],
    [-3, 0, 0, 0],
  ],
};

describe.each(kernelSets)("%s kernels at special values", (_set, create) => {
  test.each(Object.keys(special))("%s", (name) => {
    const got = evaluate(
      create(8 * BLOCK),
      name,
      special[name].map(([x]) => x),
    );
    special[name].forEach(([x, ...values], i) => {
      values.forEach((value, order) => {
        const message = `order ${order} at ${Object.is(x, -0) ? "-0" : x}`;
        if (Number.isNaN(value)) expect(got[order][i], message).toBeNaN();
        else expect(got[order][i] + 0, message).toBe(value + 0);
      });
    });
  });

  test("the sign of zero passes through tanh", () => {
    const [value] = evaluate(create(8 * BLOCK), "tanh", [-0, 0]);
    expect(Object.is(value[0], -0)).toBe(true);
    expect(Object.is(value[1], 0)).toBe(true);
  });
});
