import { readFileSync } from "node:fs";
import type { MixingMeasure } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { voronoiLoss, type VoronoiLossName, wasserstein } from "../src/index.ts";
import { type Row, sigmoidMeasure, softmaxMeasure } from "./measures.ts";

interface GoldenAtom {
  readonly beta0: number;
  readonly beta1: number[];
  readonly eta: number[];
}
interface GoldenGroup {
  readonly b: number;
  readonly a: number[];
  readonly atoms: readonly GoldenAtom[];
}
interface Case<Part> {
  readonly name: VoronoiLossName;
  readonly fitted: readonly Part[];
  readonly truth: readonly Part[];
  readonly total: number;
  readonly temperatures?: readonly [number, number];
  readonly active?: number;
  readonly order: number;
}

const golden = JSON.parse(readFileSync(new URL("fixtures/losses.json", import.meta.url), "utf8")) as {
  readonly translated: readonly Case<GoldenAtom>[];
  readonly sigmoid: readonly Case<GoldenAtom>[];
  readonly twoLevels: readonly Case<GoldenGroup>[];
  readonly wasserstein: readonly Case<GoldenAtom>[];
};

const rowsOf = (atoms: readonly GoldenAtom[]) =>
  atoms.map(({ beta0, beta1, eta }): Row => [beta0, beta1, eta]);
const grouped = (rows: readonly GoldenGroup[]): MixingMeasure => {
  const groups = rows.map(({ b, a, atoms }) => ({
    mass: Math.exp(b),
    b,
    a: Float64Array.from(a),
    atoms: softmaxMeasure(rowsOf(atoms)).atoms,
  }));
  return { gauge: "translation", groups, atoms: groups.flatMap(({ atoms }) => atoms) };
};

/** scipy's Nelder-Mead stops a little above the minimum; the two searches must agree to a ten-thousandth. */
const close = (value: number, expected: number) => {
  expect(value / expected).toBeLessThan(1 + 1e-6);
  expect(value / expected).toBeGreaterThan(1 - 1e-4);
};

describe("losses against numpy and scipy", () => {
  it.each(golden.translated)("$name", ({ name, fitted, truth, total, temperatures, active }) => {
    const [own, reference] = [fitted, truth].map((atoms, side): MixingMeasure => {
      const measure = softmaxMeasure(rowsOf(atoms));
      const temperature = temperatures?.[side];
      return {
        ...measure,
        ...(active === undefined ? {} : { activeAtoms: active }),
        ...(temperature === undefined
          ? {}
          : {
              temperature,
              atoms: measure.atoms.map((atom) => ({ ...atom, mass: Math.exp(atom.beta0 / temperature) })),
            }),
      };
    });
    const found = voronoiLoss(name, own, reference, [2, 1]).total;
    // Nelder-Mead may stop on a ridge of the largest of several sums: top-K totals are compared more loosely.
    if (active === undefined) return close(found, total);
    expect(found / total).toBeLessThan(1 + 1e-3);
    expect(found / total).toBeGreaterThan(1 - 1e-3);
  });

  it.each(golden.sigmoid)("$name", ({ name, fitted, truth, total }) => {
    expect(
      voronoiLoss(name, sigmoidMeasure(rowsOf(fitted)), sigmoidMeasure(rowsOf(truth)), [2, 1]).total,
    ).toBeCloseTo(total, 12);
  });

  it.each(golden.twoLevels)("$name", ({ name, fitted, truth, total }) => {
    close(voronoiLoss(name, grouped(fitted), grouped(truth), [2, 1]).total, total);
  });

  it.each(golden.wasserstein)("wasserstein:$order", ({ order, fitted, truth, total }) => {
    close(wasserstein(order, softmaxMeasure(rowsOf(fitted)), softmaxMeasure(rowsOf(truth))).total, total);
  });
});
