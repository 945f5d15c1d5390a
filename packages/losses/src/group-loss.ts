import type { MeasureGroup, MixingMeasure } from "@moe-rates/mixture";
import type { ExpertBlocks } from "./atom-differences.ts";
import { flatLoss, type FlatLoss } from "./flat-loss.ts";
import { matchGroups } from "./group-matching.ts";
import { type LossForm, raise } from "./loss-form.ts";
import { addError, type CellErrors } from "./voronoi-components.ts";

/**
 * Loss of two-level measures with as many groups: the minimum over matchings of groups, the translation of the group gates, and the translation within
 * every matched pair, of
 *   sum_g |e^b_g - e^b*_g| + sum_g e^b_g ||Delta a_g||^p + sum_g e^b_g D(group g),
 * D(group) being the flat loss of the two groups' atoms with weights e^w0 in their own gauge; p = 1 for D5, r for D6.
 * arXiv 2503.03213, Theorems 5 and 6. The gauges within groups do not depend on the rest, so that the inner losses are a table over pairs of groups.
 */
export function groupLoss(
  fitted: MixingMeasure,
  truth: MixingMeasure,
  form: LossForm,
  blocks: ExpertBlocks | undefined,
): FlatLoss {
  const own = fitted.groups!;
  const reference = truth.groups!;
  const inner = own.map((group) =>
    reference.map((other) => flatLoss(atomsOf(group), atomsOf(other), { form, blocks })),
  );
  const power = form.power(1);
  const { matched, t0, t1 } = matchGroups({
    groups: own,
    truth: reference,
    power,
    inner: inner.map((row) => row.map(({ total }) => total)),
  });
  const pairs = own.map((group, g) => {
    const other = reference[matched[g]];
    const mass = Math.exp(group.b + t0);
    return {
      loss: inner[g][matched[g]],
      mass,
      massError: Math.abs(mass - other.mass),
      gateError: Math.hypot(...group.a.map((value, u) => value + t1[u] - other.a[u])),
    };
  });
  const parts: Record<string, number> = { "group-mass": 0, "group-gate": 0 };
  const errors: CellErrors = new Map();
  for (const { loss, mass, massError, gateError } of pairs) {
    parts["group-mass"] += massError;
    parts["group-gate"] += mass * raise(gateError, power);
    for (const [name, value] of Object.entries(loss.parts)) parts[name] = (parts[name] ?? 0) + mass * value;
    for (const [name, { sum, cells }] of loss.errors) addError(errors, name, sum, cells);
    addError(errors, "group-gate-error", gateError);
    addError(errors, "group-mass-error", massError);
  }
  return {
    total: parts["group-mass"] + parts["group-gate"] + parts.mass + parts.exact + parts.over,
    parts,
    errors,
    ...cellsOf(truth, pairs, matched),
    shift: { t0, t1 },
    aligned: alignedMeasure(fitted, pairs, t0, t1),
    mergedAtoms: pairs.reduce((sum, { loss }) => sum + loss.mergedAtoms, 0),
    smallestMassShare: smallestShare(pairs),
  };
}

type Pairs = readonly { readonly loss: FlatLoss; readonly mass: number }[];

function atomsOf({ atoms }: MeasureGroup): MixingMeasure {
  return { gauge: "translation", atoms };
}

/** Cells and their sizes, true atoms counted through the groups of the truth. */
function cellsOf(
  { groups }: MixingMeasure,
  pairs: Pairs,
  matched: readonly number[],
): { cells: Int32Array; cellSizes: number[] } {
  let count = 0;
  const first = groups!.map(({ atoms }) => (count += atoms.length) - atoms.length);
  const cellSizes = Array.from({ length: count }, () => 0);
  pairs.forEach(({ loss }, g) =>
    loss.cellSizes.forEach((size, j) => (cellSizes[first[matched[g]] + j] = size)),
  );
  const cells = pairs.flatMap(({ loss }, g) => Array.from(loss.cells, (j) => first[matched[g]] + j));
  return { cells: Int32Array.from(cells), cellSizes };
}

function alignedMeasure(fitted: MixingMeasure, pairs: Pairs, t0: number, t1: Float64Array): MixingMeasure {
  const groups = fitted.groups!.map(({ a, b }, g) => ({
    mass: pairs[g].mass,
    b: b + t0,
    a: a.map((value, u) => value + t1[u]),
    atoms: pairs[g].loss.aligned.atoms,
  }));
  return { ...fitted, groups, atoms: groups.flatMap(({ atoms }) => atoms) };
}

function smallestShare(pairs: Pairs): number {
  const total = pairs.reduce((sum, { mass }) => sum + mass, 0);
  return Math.min(...pairs.map(({ loss, mass }) => (mass / total) * loss.smallestMassShare));
}
