import type { MeasureAtom, MixingMeasure } from "@moe-rates/mixture";
import { assertComparable } from "./assert-comparable.ts";
import { atomDifferences, type AtomDifferences } from "./atom-differences.ts";
import { mergeAtoms } from "./merge-atoms.ts";
import { alignTranslation } from "./translation-alignment.ts";
import { voronoiCells, type VoronoiCells } from "./voronoi-cells.ts";
import { voronoiComponents } from "./voronoi-components.ts";

/** Names of the Voronoi losses. */
export type VoronoiLossName = "voronoi-d1";

/** A Voronoi loss, taken apart. */
export interface VoronoiLoss {
  readonly total: number;
  /** Parts and errors by name, see `voronoiComponents`; parts that do not exist in this fit are left out. */
  readonly components: Record<string, number>;
  /** `cells[i]` is the true atom in whose cell fitted atom i lies (every fitted atom, merged or not). */
  readonly cells: Int32Array;
  /** |A_j|: distinct fitted atoms in the cell of each true atom. */
  readonly cellSizes: number[];
  /** The gauge of the comparison: beta0_i + t0 and beta1_i + t1 of every fitted atom are compared with the truth. Zero where the gauge is "none". */
  readonly shift: { readonly t0: number; readonly t1: Float64Array };
  /** The fitted measure in that gauge, all atoms, in their order. */
  readonly aligned: MixingMeasure;
  /** Number of distinct fitted atoms. */
  readonly mergedAtoms: number;
  /** Smallest mass of a distinct fitted atom over the mass of all; near 0 when an atom is all but dropped. */
  readonly smallestMassShare: number;
}

/**
 * Voronoi loss "voronoi-d1" between a fitted and a true mixing measure. Atoms of the fit that coincide are merged first (`mergeAtoms`); A_j are the
 * Voronoi cells of (beta1_j*, eta_j*), w_i the fitted masses, W_j their sums over cells, Delta the differences to the true atom of the cell.
 *
 * Gauge "translation" (softmax): the minimum over (t0, t1), as found by `alignTranslation`, of
 *   D1 = sum_j |W_j - W_j*| + sum_{|A_j|=1} w_i (||Delta beta1|| + ||Delta eta||) + sum_{|A_j|>1} w_i (||Delta beta1||^2 + ||Delta eta||^2).
 * arXiv 2503.03213, in translation-invariant form. A cell without atoms contributes W_j*.
 *
 * Gauge "none" (sigmoid): SG-D1 of arXiv 2405.13997, without alignment and without weights,
 *   sum_{|A_j|!=1} |W_j - W_j*| + sum_{|A_j|=1} (||Delta beta1|| + |Delta beta0| + ||Delta eta||) + sum_{|A_j|>1} (||Delta beta1||^2 + ||Delta eta||^2);
 * |Delta beta0| is counted in the component exact-gate.
 *
 * Throws when the measures cannot be compared: different gauges or dimensions, no atoms, no mass, parameters that are not finite.
 */
export function voronoiLoss(name: VoronoiLossName, fitted: MixingMeasure, truth: MixingMeasure): VoronoiLoss {
  if (name !== "voronoi-d1") throw new TypeError(`unknown Voronoi loss "${String(name)}"; known: voronoi-d1`);
  assertComparable(fitted, truth);
  const { measure, groupOf } = mergeAtoms(fitted);
  const differences = atomDifferences(measure, truth);
  const translation = truth.gauge === "translation";
  const alignment = translation ? alignTranslation(differences) : unaligned(differences);
  const { cells, factor, t1 } = alignment;
  const t0 = Math.log(factor) - differences.logScale;
  const masses = differences.weights.map((weight) => weight * factor);
  const { total, components } = voronoiComponents({
    differences,
    cells,
    t1,
    masses,
    termWeights: translation ? masses : new Float64Array(masses.length).fill(1),
    massCounts: (size) => translation || size !== 1,
    biasError: biasErrors(measure.atoms, truth, cells),
    expertDifference: (i, j) => measure.atoms[i].eta.map((value, s) => value - truth.atoms[j].eta[s]),
  });
  return {
    total,
    components,
    cells: groupOf.map((group) => cells.cellOf[group]),
    cellSizes: Array.from(cells.sizes),
    shift: { t0, t1 },
    aligned: translation ? translate(fitted, t0, t1) : fitted,
    mergedAtoms: measure.atoms.length,
    smallestMassShare: Math.min(...masses) / masses.reduce((sum, mass) => sum + mass, 0),
  };
}

function unaligned(differences: AtomDifferences): { factor: number; t1: Float64Array; cells: VoronoiCells } {
  const t1 = new Float64Array(differences.d);
  return { factor: 1, t1, cells: voronoiCells(differences, t1) };
}

function biasErrors(atoms: readonly MeasureAtom[], truth: MixingMeasure, cells: VoronoiCells): Float64Array {
  if (truth.gauge === "translation") return new Float64Array(atoms.length);
  return Float64Array.from(atoms, (atom, i) => Math.abs(atom.beta0 - truth.atoms[cells.cellOf[i]].beta0));
}

function translate({ gauge, atoms }: MixingMeasure, t0: number, t1: Float64Array): MixingMeasure {
  return {
    gauge,
    atoms: atoms.map(({ beta0, beta1, eta }) => ({
      mass: Math.exp(beta0 + t0),
      beta0: beta0 + t0,
      beta1: beta1.map((value, u) => value + t1[u]),
      eta,
    })),
  };
}
