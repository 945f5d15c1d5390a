import { expertTerm } from "./cell-loss.ts";
import type { AtomDifferences } from "./atom-differences.ts";
import { type LossForm, raise } from "./loss-form.ts";
import type { VoronoiCells } from "./voronoi-cells.ts";

/** What a Voronoi loss is made of, at fixed cells and weights. */
export interface VoronoiTerms {
  readonly form: LossForm;
  readonly differences: AtomDifferences;
  readonly cells: VoronoiCells;
  /** beta1_i + t1 - beta1_j* is `gate` plus this. */
  readonly t1: Float64Array;
  /** Masses of the fitted atoms in the aligned gauge. */
  readonly masses: Float64Array;
  /** |beta0_i - beta0_j*| for atoms in cells of size 1, 0 where the loss does not count it. */
  readonly biasError: Float64Array;
  /** eta_i - eta_j* for the cell means. */
  readonly expertDifference: (i: number, j: number) => Float64Array;
  /** Keeps to these cells; all when absent. */
  readonly counted?: (j: number) => boolean;
}

/** Sums over cells, and how many cells there were: means that can still be added up. */
export type CellErrors = Map<string, { readonly sum: number; readonly cells: number }>;

/** A loss in parts: `parts` add up to `total` as their names say, `errors` are sums over the cells of their kind. */
export interface VoronoiParts {
  readonly total: number;
  readonly parts: Record<string, number>;
  readonly errors: CellErrors;
}

/**
 * Parts of the loss and unweighted errors, by name. `total` = mass + exact + over; exact = exact-gate + exact-expert (+ exact-temperature); over =
 * over-gate + over-expert (+ over-temperature).
 *
 * Errors per kind of cell are means over the cells of that kind: in exact cells ||Delta beta1|| (`exact-gate-error`) and ||Delta eta||
 * (`exact-expert-error`); in over-specified cells, with the masses w of the cell and their sum W, (sum w ||Delta||^2 / W)^(1/2) (`over-gate-rms`,
 * `over-expert-rms`) and ||sum w Delta / W|| (`over-gate-mean`, `over-expert-mean`); in both |W - W*| (`exact-mass-error`, `over-mass-error`). A kind
 * without cells has no entry.
 */
export function voronoiParts(terms: VoronoiTerms): VoronoiParts {
  const { form, differences, cells, masses, biasError } = terms;
  const parts = {
    mass: 0,
    exact: 0,
    over: 0,
    "exact-gate": 0,
    "exact-expert": 0,
    "over-gate": 0,
    "over-expert": 0,
  };
  const temperature = { "exact-temperature": 0, "over-temperature": 0 };
  const errors: CellErrors = new Map();
  membersOf(cells, differences.m).forEach((atoms, j) => {
    const size = atoms.length;
    const massError = Math.abs(atoms.reduce((sum, i) => sum + masses[i], 0) - differences.trueMasses[j]);
    const counted = terms.counted?.(j) ?? true;
    if (counted && (form.weighted || size !== 1)) parts.mass += massError;
    if (size === 0) return;
    const kind = size === 1 ? "exact" : "over";
    const power = form.power(size);
    for (const i of counted ? atoms : []) {
      const weight = form.weighted ? masses[i] : 1;
      temperature[`${kind}-temperature`] += weight * raise(differences.temperature, power);
      parts[`${kind}-gate`] +=
        weight * (raise(cells.gateError[i], power) + (size === 1 ? raise(biasError[i], power) : 0));
      parts[`${kind}-expert`] += weight * expertTerm(differences, i, j, power);
    }
    addError(errors, `${kind}-mass-error`, massError);
    if (size === 1) {
      addError(errors, "exact-gate-error", cells.gateError[atoms[0]]);
      addError(errors, "exact-expert-error", cells.expertError[atoms[0]]);
    } else
      for (const [name, value] of Object.entries(overErrors(terms, atoms, j))) addError(errors, name, value);
  });
  parts.exact = parts["exact-gate"] + parts["exact-expert"];
  parts.over = parts["over-gate"] + parts["over-expert"];
  if (!form.temperature) return { total: parts.mass + parts.exact + parts.over, parts, errors };
  parts.exact += temperature["exact-temperature"];
  parts.over += temperature["over-temperature"];
  return { total: parts.mass + parts.exact + parts.over, parts: { ...parts, ...temperature }, errors };
}

/** Means over cells; an error that no cell has is absent. */
export function meanErrors(errors: CellErrors): Record<string, number> {
  return Object.fromEntries(Array.from(errors, ([name, { sum, cells }]) => [name, sum / cells]));
}

/** Adds the error of one cell, or of `cells` of them; NaN (a cell without mass) is left out. */
export function addError(errors: CellErrors, name: string, value: number, cells = 1): void {
  if (Number.isNaN(value)) return;
  const entry = errors.get(name) ?? { sum: 0, cells: 0 };
  errors.set(name, { sum: entry.sum + value, cells: entry.cells + cells });
}

/** Fitted atoms of every cell. */
export function membersOf({ cellOf }: VoronoiCells, m: number): number[][] {
  const members: number[][] = Array.from({ length: m }, () => []);
  cellOf.forEach((j, i) => members[j].push(i));
  return members;
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
