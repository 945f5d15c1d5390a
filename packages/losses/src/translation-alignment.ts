import type { AtomDifferences } from "./atom-differences.ts";
import { minimiseShift } from "./shift-minimiser.ts";
import { voronoiCells, type VoronoiCells } from "./voronoi-cells.ts";

/** Gauge (c, t1) at which a fitted measure is compared with the truth: weights times c = exp(t0), beta1 plus t1. */
export interface Alignment {
  readonly loss: number;
  /** Factor of `AtomDifferences.weights`. */
  readonly factor: number;
  readonly t1: Float64Array;
  readonly cells: VoronoiCells;
}

const ROUNDS = 20;

/**
 * The translation (t0, t1) that minimises D1 in the translation-invariant form of MATH.md section 3.
 *
 * For fixed t1 the loss is convex and piecewise linear in c = exp(t0); c is taken from the values W_j* / W_j, and c -> 0, where every fit would have
 * the loss sum_j W_j*, is excluded. t1 is searched from every beta1_j* - beta1_i and from the mass-weighted mean of every cell met there; from each
 * start, up to 20 rounds of {cells at t1; `minimiseShift` for these cells}. Cells that were met before are not minimised again. Every t1 visited is
 * evaluated and the best is kept.
 *
 * The minimum over t1 is not convex: for fits near the truth it is within 1 % of an exhaustive search (tests), for far ones it may be up to 2 times larger.
 */
export function alignTranslation(differences: AtomDifferences): Alignment {
  const { k, m, d } = differences;
  const seen = new Set<string>();
  const means: Float64Array[] = [];
  let best: Alignment | undefined;

  const visit = (t1: Float64Array): VoronoiCells => {
    const cells = voronoiCells(differences, t1);
    const { factor, loss } = bestFactor(differences, cells);
    if (best === undefined || loss < best.loss) best = { loss, factor, t1, cells };
    return cells;
  };
  const descend = (start: Float64Array, collectMeans: boolean): void => {
    let cells = visit(start);
    for (let round = 0; round < ROUNDS; round++) {
      const key = cells.cellOf.join();
      if (seen.has(key)) return;
      seen.add(key);
      if (collectMeans) means.push(...cellMeans(differences, cells));
      cells = visit(minimiseShift(anchorsOf(differences, cells), d));
    }
  };

  for (let pair = 0; pair < k * m; pair++) {
    descend(
      differences.gate.slice(pair * d, (pair + 1) * d).map((value) => -value),
      true,
    );
  }
  for (const mean of means) descend(mean, false);
  return best!;
}

/** Best factor c among the W_j* / W_j with W_j > 0, and the loss there. */
function bestFactor(
  { m, weights, trueMasses }: AtomDifferences,
  cells: VoronoiCells,
): { factor: number; loss: number } {
  const cellMass = new Float64Array(m);
  let slope = 0;
  cells.cellOf.forEach((j, i) => {
    if (weights[i] === 0) return;
    cellMass[j] += weights[i];
    const gate = cells.gateError[i];
    const expert = cells.expertError[i];
    slope += weights[i] * (cells.sizes[j] > 1 ? gate * gate + expert * expert : gate + expert);
  });
  let factor = 1;
  let loss = Infinity;
  for (let j = 0; j < m; j++) {
    const candidate = trueMasses[j] / cellMass[j];
    if (!(candidate > 0 && candidate < Infinity)) continue;
    let value = candidate * slope;
    for (let l = 0; l < m; l++) value += Math.abs(candidate * cellMass[l] - trueMasses[l]);
    if (value < loss) {
      factor = candidate;
      loss = value;
    }
  }
  return { factor, loss };
}

/** a_i = beta1_j* - beta1_i of every atom, for its own cell j. */
function anchorsOf({ m, d, gate, weights }: AtomDifferences, cells: VoronoiCells) {
  return Array.from(cells.cellOf, (j, i) => ({
    mass: weights[i],
    squared: cells.sizes[j] > 1,
    at: gate.slice((i * m + j) * d, (i * m + j + 1) * d).map((value) => -value),
  }));
}

/** Mass-weighted mean of beta1_j* - beta1_i over each cell that has mass. */
function cellMeans({ m, d, gate, weights }: AtomDifferences, { cellOf }: VoronoiCells): Float64Array[] {
  const mass = new Float64Array(m);
  const means = Array.from({ length: m }, () => new Float64Array(d));
  cellOf.forEach((j, i) => (mass[j] += weights[i]));
  cellOf.forEach((j, i) => {
    for (let u = 0; u < d; u++) means[j][u] -= (weights[i] / mass[j]) * gate[(i * m + j) * d + u];
  });
  return means.filter((_, j) => mass[j] > 0);
}
