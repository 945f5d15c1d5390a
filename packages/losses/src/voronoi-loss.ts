import type { MixingMeasure } from "@moe-rates/mixture";
import { assertComparable } from "./assert-comparable.ts";
import type { ExpertBlocks } from "./atom-differences.ts";
import { flatLoss } from "./flat-loss.ts";
import { groupLoss } from "./group-loss.ts";
import { lossFamilies, lossNamed, measureKind, type NamedLoss } from "./loss-families.ts";
import { type LossForm, onceOrSquared } from "./loss-form.ts";
import { softmaxForm } from "./shift-measure.ts";
import { type CellErrors, meanErrors } from "./voronoi-components.ts";

/** Names of the Voronoi losses, the order r after a colon. */
export type VoronoiLossName =
  | "voronoi-d1"
  | `voronoi-d2:${number}`
  | `voronoi-d3:${number}`
  | "voronoi-d4"
  | "voronoi-d5"
  | `voronoi-d6:${number}`
  | "sigmoid-d1"
  | `sigmoid-d2:${number}`
  | "top-k-d1";

/** A Voronoi loss, taken apart. */
export interface VoronoiLoss {
  readonly total: number;
  /** Parts and errors by name, see docs/losses.md; parts that do not exist in this fit are left out. */
  readonly components: Record<string, number>;
  /** All errors of this fit in the gauge of the loss, also those that are no component of it: masses, temperature, groups. */
  readonly errors: Record<string, number>;
  /** `cells[i]` is the true atom in whose cell fitted atom i lies (every fitted atom, merged or not). */
  readonly cells: Int32Array;
  /** |A_j|: distinct fitted atoms in the cell of each true atom. */
  readonly cellSizes: number[];
  /** The gauge of the comparison: beta0_i + t0 and beta1_i + t1 of every fitted atom (with groups: b + t0 and a + t1 of every fitted group) are compared
   *  with the truth. Zero where the gauge is "none". */
  readonly shift: { readonly t0: number; readonly t1: Float64Array };
  /** The fitted measure in that gauge, all atoms, in their order. */
  readonly aligned: MixingMeasure;
  /** Number of distinct fitted atoms. */
  readonly mergedAtoms: number;
  /** Smallest mass of a distinct fitted atom over the mass of all; near 0 when an atom is all but dropped. */
  readonly smallestMassShare: number;
}

const voronoiFamilies = /^(?:voronoi-d\d|sigmoid-d[12]|top-k-d1)$/u;

/** Errors that `components` of a Voronoi loss leaves to the loss `components`. */
const elsewhere = /mass-error$|^temperature-error$|^group-/u;

/**
 * Voronoi loss between a fitted and a true mixing measure. Atoms of the fit that coincide are merged first (`mergeAtoms`); A_j are the Voronoi cells of
 * (beta1_j*, eta_j*), w_i the fitted masses, W_j their sums over cells, Delta the differences to the true atom of the cell.
 *
 * "voronoi-d1" with a gauge: the minimum over (t0, t1), as found by `alignTranslation`, of
 *   D1 = sum_j |W_j - W_j*| + sum_{|A_j|=1} w_i (||Delta beta1|| + ||Delta eta||) + sum_{|A_j|>1} w_i (||Delta beta1||^2 + ||Delta eta||^2).
 * arXiv 2503.03213, in translation-invariant form. A cell without atoms contributes W_j*. A measure with a temperature and slopes counts in its softmax
 * form, beta1 / tau and beta0 / tau; a router's tau is left out.
 *
 * "voronoi-d1" without one (sigmoid), "sigmoid-d1": SG-D1 of arXiv 2405.13997, without alignment and without weights,
 *   sum_{|A_j|!=1} |W_j - W_j*| + sum_{|A_j|=1} (||Delta beta1|| + |Delta beta0| + ||Delta eta||) + sum_{|A_j|>1} (||Delta beta1||^2 + ||Delta eta||^2);
 * |Delta beta0| is counted in the component exact-gate.
 *
 * The others, with formulas: docs/losses.md.
 *
 * Throws when the name is unknown or the measures cannot be compared by it: different gauges or dimensions, no atoms, no mass, parameters that are not
 * finite.
 *
 * @param blocks lengths of the runs of expert parameters that orders r measure separately (`||Delta a||^r + |Delta b|^r`); one run when absent
 */
export function voronoiLoss(
  name: VoronoiLossName,
  fitted: MixingMeasure,
  truth: MixingMeasure,
  blocks?: ExpertBlocks,
): VoronoiLoss {
  const loss = lossNamed(name);
  if (!voronoiFamilies.test(loss.family)) throw new TypeError(`${name} is no Voronoi loss`);
  const form = formOf(loss, truth);
  assertApplies(name, loss, fitted, truth);
  assertComparable(fitted, truth);
  if (loss.family === "voronoi-d5" || loss.family === "voronoi-d6")
    return withComponents(groupLoss(fitted, truth, form, blocks));
  const [own, reference] = form.temperature ? [fitted, truth] : [softmaxForm(fitted), softmaxForm(truth)];
  const active = loss.family === "top-k-d1" ? truth.activeAtoms : undefined;
  return withComponents(
    flatLoss(own, reference, { form, blocks, ...(active === undefined ? {} : { active }) }),
  );
}

function withComponents({
  parts,
  errors,
  ...rest
}: Omit<VoronoiLoss, "components" | "errors"> & {
  readonly parts: Record<string, number>;
  readonly errors: CellErrors;
}): VoronoiLoss {
  const means = meanErrors(errors);
  const own = Object.entries(means).filter(([error]) => !elsewhere.test(error));
  return { ...rest, components: { ...parts, ...Object.fromEntries(own) }, errors: means };
}

function formOf({ family, order }: NamedLoss, { gauge }: MixingMeasure): LossForm {
  const ordered = lossFamilies[family].ordered;
  return {
    power: ordered ? () => order : onceOrSquared,
    weighted: gauge !== "none",
    temperature: family === "voronoi-d3" || family === "voronoi-d4",
    blocks: ordered && family !== "voronoi-d3",
  };
}

function assertApplies(
  name: string,
  { family }: NamedLoss,
  fitted: MixingMeasure,
  truth: MixingMeasure,
): void {
  const { kinds } = lossFamilies[family];
  for (const [whose, measure] of Object.entries({ fitted, true: truth })) {
    const kind = measureKind(measure);
    if (!kinds.includes(kind))
      throw new TypeError(
        `${name} does not compare ${kind} measures, as the ${whose} one is; it compares ${kinds.join(", ")}`,
      );
  }
}
