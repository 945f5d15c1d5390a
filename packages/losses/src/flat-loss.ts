import type { MeasureAtom, MixingMeasure } from "@moe-rates/mixture";
import { atomDifferences, type AtomDifferences, type ExpertBlocks } from "./atom-differences.ts";
import type { LossForm } from "./loss-form.ts";
import { mergeAtoms } from "./merge-atoms.ts";
import { alignTopK, largestCells } from "./top-k-alignment.ts";
import { alignIntercept, alignTranslation, type Alignment, unaligned } from "./translation-alignment.ts";
import { shiftMeasure } from "./shift-measure.ts";
import { addError, voronoiParts, type VoronoiParts } from "./voronoi-components.ts";
import type { VoronoiCells } from "./voronoi-cells.ts";

/** A loss between two measures without groups, in the gauge where it is smallest. */
export interface FlatLoss extends VoronoiParts {
  readonly cells: Int32Array;
  readonly cellSizes: number[];
  readonly shift: { readonly t0: number; readonly t1: Float64Array };
  readonly aligned: MixingMeasure;
  readonly mergedAtoms: number;
  readonly smallestMassShare: number;
}

/** How two flat measures are compared. */
export interface FlatRequest {
  readonly form: LossForm;
  readonly blocks?: ExpertBlocks | undefined;
  /** K: only the K cells with the largest sums count. */
  readonly active?: number;
}

/** Compares two measures that have passed `assertComparable`: merges coincident atoms, aligns, and takes the loss apart. */
export function flatLoss(fitted: MixingMeasure, truth: MixingMeasure, request: FlatRequest): FlatLoss {
  const { form, blocks, active } = request;
  const { measure, groupOf } = mergeAtoms(fitted);
  const differences = atomDifferences(measure, truth, form, blocks);
  const { cells, factor, t1 } = align(differences, truth.gauge, form, active);
  const logFactor = Math.log(factor) - differences.logScale;
  const t0 = truth.gauge === "none" ? 0 : (fitted.temperature ?? 1) * logFactor;
  const masses = differences.weights.map((weight) => weight * factor);
  const counted = active === undefined ? undefined : largestCells(differences, cells, form, factor, active);
  const parts = voronoiParts({
    form,
    differences,
    cells,
    t1,
    masses,
    biasError: biasErrors(measure.atoms, truth, cells),
    expertDifference: (i, j) => measure.atoms[i].eta.map((value, s) => value - truth.atoms[j].eta[s]),
    ...(counted ? { counted: (j: number) => counted.includes(j) } : {}),
  });
  if (fitted.temperature !== undefined && truth.temperature !== undefined)
    addError(parts.errors, "temperature-error", Math.abs(fitted.temperature - truth.temperature));
  return {
    ...parts,
    cells: groupOf.map((group) => cells.cellOf[group]),
    cellSizes: Array.from(cells.sizes),
    shift: { t0, t1 },
    aligned: truth.gauge === "none" ? fitted : shiftMeasure(fitted, t0, t1),
    mergedAtoms: measure.atoms.length,
    smallestMassShare: Math.min(...masses) / masses.reduce((sum, mass) => sum + mass, 0),
  };
}

function align(
  differences: AtomDifferences,
  gauge: MixingMeasure["gauge"],
  form: LossForm,
  active: number | undefined,
): Omit<Alignment, "loss"> {
  if (gauge === "none") return unaligned(differences);
  if (gauge === "intercept") return alignIntercept(differences, form);
  const best = alignTranslation(differences, form);
  return active === undefined ? best : alignTopK(differences, form, active, best.t1);
}

function biasErrors(atoms: readonly MeasureAtom[], truth: MixingMeasure, cells: VoronoiCells): Float64Array {
  if (truth.gauge !== "none") return new Float64Array(atoms.length);
  return Float64Array.from(atoms, (atom, i) => Math.abs(atom.beta0 - truth.atoms[cells.cellOf[i]].beta0));
}
