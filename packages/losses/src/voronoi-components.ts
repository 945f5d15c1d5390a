import type { AtomDifferences } from "./atom-differences.ts";
import type { VoronoiCells } from "./voronoi-cells.ts";

/** What a Voronoi loss is made of, at fixed cells and weights. */
export interface VoronoiTerms {
  readonly differences: AtomDifferences;
  readonly cells: VoronoiCells;
  /** beta1_i + t1 - beta1_j* is `gate` plus this. */
  readonly t1: Float64Array;
  /** Masses of the fitted atoms in the aligned gauge. */
  readonly masses: Float64Array;
  /** Weight of atom i in the exact and over parts: its mass (D1) or 1 (SG-D1). */
  readonly termWeights: Float64Array;
  /** Cells whose mass difference counts: all (D1) or all but those of size 1 (SG-D1). */
  readonly massCounts: (size: number) => boolean;
  /** |beta0_i - beta0_j*| for atoms in cells of size 1, 0 where the loss does not count it. */
  readonly biasError: Float64Array;
  /** eta_i - eta_j* for the cell means. */
  readonly expertDifference: (i: number, j: number) => Float64Array;
}

/**
 * Parts of the loss and unweighted errors, by name. `total` = mass + exact + over; exact = exact-gate + exact-expert; over = over-gate + over-expert.
 *
 * Errors per kind of cell are means over the cells of that kind: in exact cells ||Delta beta1|| (`exact-gate-error`) and ||Delta eta||
 * (`exact-expert-error`); in over-specified cells, with the masses w of the cell and their sum W, (sum w ||Delta||^2 / W)^(1/2) (`over-gate-rms`,
 * `over-expert-rms`) and ||sum w Delta / W|| (`over-gate-mean`, `over-expert-mean`). A kind without cells has no entry.
 */
export function voronoiComponents(terms: VoronoiTerms): {
  total: number;
  components: Record<string, number>;
} {
  const { differences, cells, masses, termWeights, biasError } = terms;
  const parts = {
    mass: 0,
    exact: 0,
    over: 0,
    "exact-gate": 0,
    "exact-expert": 0,
    "over-gate": 0,
    "over-expert": 0,
  };
  const members: number[][] = Array.from({ length: differences.m }, () => []);
  cells.cellOf.forEach((j, i) => members[j].push(i));
  const errors = new Map<string, { sum: number; cells: number }>();
  const addError = (name: string, value: number): void => {
    if (Number.isNaN(value)) return;
    const entry = errors.get(name) ?? { sum: 0, cells: 0 };
    errors.set(name, { sum: entry.sum + value, cells: entry.cells + 1 });
  };
  members.forEach((atoms, j) => {
    if (terms.massCounts(atoms.length)) {
      parts.mass += Math.abs(atoms.reduce((sum, i) => sum + masses[i], 0) - differences.trueMasses[j]);
    }
    if (atoms.length === 1) {
      const [i] = atoms;
      parts["exact-gate"] += termWeights[i] * (cells.gateError[i] + biasError[i]);
      parts["exact-expert"] += termWeights[i] * cells.expertError[i];
      addError("exact-gate-error", cells.gateError[i]);
      addError("exact-expert-error", cells.expertError[i]);
    } else if (atoms.length > 1) {
      for (const i of atoms) {
        parts["over-gate"] += termWeights[i] * cells.gateError[i] ** 2;
        parts["over-expert"] += termWeights[i] * cells.expertError[i] ** 2;
      }
      for (const [name, value] of Object.entries(overErrors(terms, atoms, j))) addError(name, value);
    }
  });
  parts.exact = parts["exact-gate"] + parts["exact-expert"];
  parts.over = parts["over-gate"] + parts["over-expert"];
  const means = Array.from(errors, ([name, { sum, cells }]) => [name, sum / cells] as const);
  return {
    total: parts.mass + parts.exact + parts.over,
    components: { ...parts, ...Object.fromEntries(means) },
  };
}

/** Root mean squares and norms of means of an over-specified cell; NaN when the cell has no mass. */
function overErrors(
  { differences, cells, t1, masses, expertDifference }: VoronoiTerms,
  atoms: number[],
  j: number,
): Record<string, number> {
  const { m, d, gate } = differences;
  const total = atoms.reduce((sum, i) => sum + masses[i], 0);
  const gateMean = new Float64Array(d);
  const expertMean = new Float64Array(expertDifference(atoms[0], j).length);
  let gateSquare = 0;
  let expertSquare = 0;
  for (const i of atoms) {
    const share = masses[i] / total;
    gateSquare += share * cells.gateError[i] ** 2;
    expertSquare += share * cells.expertError[i] ** 2;
    for (let u = 0; u < d; u++) gateMean[u] += share * (gate[(i * m + j) * d + u] + t1[u]);
    expertDifference(i, j).forEach((value, s) => (expertMean[s] += share * value));
  }
  return {
    "over-gate-rms": Math.sqrt(gateSquare),
    "over-expert-rms": Math.sqrt(expertSquare),
    "over-gate-mean": Math.hypot(...gateMean),
    "over-expert-mean": Math.hypot(...expertMean),
  };
}
