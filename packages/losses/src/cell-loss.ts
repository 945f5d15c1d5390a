import type { AtomDifferences } from "./atom-differences.ts";
import { type LossForm, raise } from "./loss-form.ts";
import type { Anchor } from "./shift-minimiser.ts";
import type { VoronoiCells } from "./voronoi-cells.ts";

/** A loss at the best factor c = exp(t0). */
export interface FactoredLoss {
  /** c: the fitted weights times c are compared with the true masses. */
  readonly factor: number;
  readonly loss: number;
}

/** The loss of fixed cells at their own t1, at the best c. */
export function cellLoss(differences: AtomDifferences, cells: VoronoiCells, form: LossForm): FactoredLoss {
  let slope = expertCost(differences, cells, form);
  cells.cellOf.forEach((j, i) => {
    if (differences.weights[i] > 0)
      slope += differences.weights[i] * raise(cells.gateError[i], form.power(cells.sizes[j]));
  });
  return atBestFactor(differences, cells, slope);
}

/** The loss of fixed cells, at the best c, when the gate differences cost `shift` (`shiftCost`): a lower bound if `shift` is one. */
export function frozenCellLoss(
  differences: AtomDifferences,
  cells: VoronoiCells,
  form: LossForm,
  shift: number,
): number {
  return atBestFactor(differences, cells, expertCost(differences, cells, form) + shift).loss;
}

/** a_i = beta1_j* - beta1_i of every atom, for its own cell j. */
export function anchorsOf(
  { m, offsets, weights }: AtomDifferences,
  cells: VoronoiCells,
  form: LossForm,
): Anchor[] {
  return Array.from(cells.cellOf, (j, i) => ({
    mass: weights[i],
    power: form.power(cells.sizes[j]),
    at: offsets[i * m + j],
  }));
}

/** What the expert of fitted atom i costs in cell j, to the given power and without its mass. */
export function expertTerm({ m, expertTerms }: AtomDifferences, i: number, j: number, power: number): number {
  let cost = 0;
  for (const distances of expertTerms) cost += raise(distances[i * m + j], power);
  return cost;
}

function expertCost(differences: AtomDifferences, { cellOf, sizes }: VoronoiCells, form: LossForm): number {
  const { weights, temperature } = differences;
  let sum = 0;
  cellOf.forEach((j, i) => {
    if (!(weights[i] > 0)) return;
    const power = form.power(sizes[j]);
    sum += weights[i] * (expertTerm(differences, i, j, power) + raise(temperature, power));
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
