import { stream, type Stream } from "@moe-rates/math";
import type { MixingMeasure } from "@moe-rates/mixture";

/** [beta0, beta1, eta] of an atom. */
export type Row = [number, number[], number[]];

export function softmaxMeasure(rows: readonly Row[]): MixingMeasure {
  return {
    gauge: "translation",
    atoms: rows.map(([beta0, beta1, eta]) => atom(Math.exp(beta0), beta0, beta1, eta)),
  };
}

export function sigmoidMeasure(rows: readonly Row[]): MixingMeasure {
  return {
    gauge: "none",
    atoms: rows.map(([beta0, beta1, eta]) => atom(1 / (1 + Math.exp(-beta0)), beta0, beta1, eta)),
  };
}

function atom(mass: number, beta0: number, beta1: number[], eta: number[]) {
  return { mass, beta0, beta1: Float64Array.from(beta1), eta: Float64Array.from(eta) };
}

export function shifted({ atoms }: MixingMeasure, t0: number, t1: readonly number[]): MixingMeasure {
  return softmaxMeasure(
    atoms.map(({ beta0, beta1, eta }): Row => [
      beta0 + t0,
      Array.from(beta1, (value, u) => value + t1[u]),
      Array.from(eta),
    ]),
  );
}

export function reordered({ gauge, atoms }: MixingMeasure, random: Stream): MixingMeasure {
  const keyed = atoms.map((value) => ({ value, key: random.uniform() }));
  return { gauge, atoms: keyed.sort((a, b) => a.key - b.key).map(({ value }) => value) };
}

const normals = (random: Stream, length: number, sd: number) =>
  Array.from({ length }, () => sd * random.normal());

/** Random softmax truth, and a fit near it (`radius` small) or far: every true atom is fitted at least once, spare atoms copy random cells. */
export function randomPair(
  key: number,
  { m, k, d, q, radius }: { m: number; k: number; d: number; q: number; radius: number },
) {
  const random = stream("random pair", key);
  const truth: Row[] = Array.from({ length: m }, () => [
    0.7 * random.normal(),
    normals(random, d, 1),
    normals(random, q, 1),
  ]);
  const fit = Array.from({ length: k }, (_, i): Row => {
    const [beta0, beta1, eta] = truth[i < m ? i : random.integer(m)];
    return [
      beta0 + radius * random.normal() - (i < m ? 0 : 0.7),
      normals(random, d, radius).map((value, u) => value + beta1[u]),
      normals(random, q, radius).map((value, s) => value + eta[s]),
    ];
  });
  return { truth: softmaxMeasure(truth), fitted: softmaxMeasure(fit), random };
}
