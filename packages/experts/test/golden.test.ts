import { readFileSync } from "node:fs";
import {
  BLOCK,
  compileSimdModule,
  referenceKernels,
  simdKernels,
  simdSupported,
  type Kernels,
} from "@moe-rates/kernels";
import { describe, expect, test } from "vitest";
import { experts, type ExpertBasis, type ExpertFamily } from "../src/index.ts";

/** Made by tools/golden/experts.py: h and its gradient in (a, b, lambda), of which b and lambda may be missing. */
interface GoldenCase {
  spec: { family: keyof typeof experts } & Record<string, unknown>;
  rows: { x: number[]; a: number[]; b?: number; lambda?: number; value: number; gradient: number[] }[];
}

const cases: GoldenCase[] = JSON.parse(
  readFileSync(new URL("fixtures/experts.json", import.meta.url), "utf8"),
);

const simd = simdSupported() && compileSimdModule();
const engines: Record<string, () => Kernels> = {
  reference: () => referenceKernels(20 * BLOCK),
  ...(simd && { simd: () => simdKernels(20 * BLOCK, simd) }),
};

/** Basis values of one row, in the order of the channel's parameters. */
function basisOf(basis: ExpertBasis, x: readonly number[]): number[] {
  const length = Math.hypot(...x);
  const z = x.map((value) => value / length);
  return { input: x, affine: [...x, 1], normalised: z, "normalised-affine": [1, ...z], one: [1] }[
    basis
  ] as number[];
}

/** Value and derivatives in each channel at given channel values, one row. */
function evaluateRow(
  kernels: Kernels,
  family: ExpertFamily,
  options: Record<string, unknown>,
  channels: readonly number[],
) {
  const expert = family.create(3, options);
  const column = () => kernels.memory.allocate(BLOCK);
  const columns = {
    channels: channels.map(column),
    value: column(),
    first: channels.map(column),
    second: expert.secondPairs.map(column),
  };
  const { f64 } = kernels.memory;
  columns.channels.forEach((at, c) => (f64[at] = channels[c]));
  expert.evaluate(kernels, columns, 1, 1);
  return { value: f64[columns.value], first: columns.first.map((at) => f64[at]) };
}

describe.each(Object.keys(engines))(
  "an expert and its gradient agree with 50-digit values of the formula, %s kernels",
  (engine) => {
    test.each(cases.map(({ spec, rows }) => [JSON.stringify(spec), spec, rows] as const))(
      "%s",
      (_title, { family: name, ...options }, rows) => {
        const family: ExpertFamily = experts[name];
        const { channels } = family.create(3, options);
        for (const row of rows) {
          const parameters = [row.a, ...(row.b === undefined ? [] : [row.b])].flat();
          const inner = channels.map(({ basis }) => {
            if (basis === "one") return [row.lambda!];
            return basis === "normalised-affine" ? [row.b!, ...row.a] : parameters;
          });
          const bases = channels.map(({ basis }) => basisOf(basis, row.x));
          const values = inner.map((eta, c) => eta.reduce((sum, value, t) => sum + value * bases[c][t], 0));
          const { value, first } = evaluateRow(engines[engine](), family, options, values);
          const gradient = bases.map((basis, c) => basis.map((z) => z * first[c]));
          if (channels[0].basis === "normalised-affine") gradient[0].push(gradient[0].shift()!);
          const scale = Math.max(1, Math.abs(row.value));
          expect(Math.abs(value - row.value) / scale).toBeLessThan(4e-15);
          gradient.flat().forEach((slope, i) => {
            expect(Math.abs(slope - row.gradient[i]) / Math.max(1, Math.abs(row.gradient[i]))).toBeLessThan(
              2e-14,
            );
          });
          expect(gradient.flat()).toHaveLength(row.gradient.length);
        }
      },
    );
  },
);

test("a constant expert is its parameter, with derivative 1", () => {
  expect(evaluateRow(engines.reference(), experts.constant, {}, [-2.5])).toEqual({ value: -2.5, first: [1] });
});

describe("the fields of an atom", () => {
  test.for<[keyof typeof experts, Record<string, unknown>, string[]]>([
    ["linear", {}, ["a", "b"]],
    ["constant", {}, ["b"]],
    ["linear", { bias: false }, ["a"]],
    ["polynomial", { degree: 3, scale: true }, ["a", "b", "lambda"]],
    ["ffn", { bias: false, scale: true, normalise: true }, ["a", "lambda"]],
    ["ffn", { width: 2, scale: true }, ["a1", "b1", "lambda1", "a2", "b2", "lambda2"]],
    ["ffn", { width: 3, bias: false }, ["a1", "a2", "a3"]],
  ])("of %s %j are %j", ([name, options, fields]) => {
    expect(experts[name].atomFields(3, options).map((field) => field.name)).toEqual(fields);
  });
});

test("a linear expert has no output scale: lambda (a . x + b) is a linear expert already", () => {
  expect(Object.keys(experts.linear.options)).toEqual(["bias", "normalise"]);
});
