import type { AtomDifferences } from "./atom-differences.ts";
import type { Anchor } from "./shift-minimiser.ts";
import type { VoronoiCells } from "./voronoi-cells.ts";

/** Loss D1 at the best factor c = exp(t0). */
export interface FactoredLoss {
  /** c: the fitted weights times c are compared with the true masses. */
  readonly factor: number;
  readonly loss: number;
}

/** Loss D1 of fixed cells at their own t1, at the best c. */
export function cellLoss(differences: AtomDifferences, cells: VoronoiCells): FactoredLoss {
  let slope = expertCost(differences, cells);
  cells.cellOf.forEach((j, i) => {
    const gate = cells.gateError[i];
    if (differences.weights[i] > 0)
      slope += differences.weights[i] * (cells.sizes[j] > 1 ? gate * gate : gate);
  });
  return atBestFactor(differences, cells, slope);
}

/** Loss D1 of fixed cells, at the best c, when the gate differences cost `shift` (`shiftCost`): a lower bound if `shift` is one. */
export function frozenCellLoss(differences: AtomDifferences, cells: VoronoiCells, shift: number): number {
  return atBestFactor(differences, cells, expertCost(differences, cells) + shift).loss;
}

/** a_i = beta1_j* - beta1_i of every atom, for its own cell j. */
export function anchorsOf({ m, offsets, weights }: AtomDifferences, cells: VoronoiCells): Anchor[] {
  return Array.from(cells.cellOf, (j, i) => ({
    mass: weights[i],
    squared: cells.sizes[j] > 1,
    at: offsets[i * m + j],
  }));
}

function expertCost({ weights }: AtomDifferences, { cellOf, sizes, expertError }: VoronoiCells): number {
  let sum = 0;
  cellOf.forEach((j, i) => {
    if (weights[i] > 0) sum += weights[i] * (sizes[j] > 1 ? expertError[i] ** 2 : expertError[i]);
  });
  return sum;
}

/** min over the c = W_j* / W_j with W_j > 0 of sum_l |c W_l - W_l*| + c slope. */
function atBestFactor(
  { m, weights, trueMasses }: AtomDifferences,
  { cellOf }: VoronoiCells,
  slope: number,
): FactoredLoss {
  const cellMass = new Float64Array(m);
  cellOf.forEach((j, i) => (cellMass[j] += weights[i]));
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
