import type { AtomDifferences } from "./atom-differences.ts";
import { anchorsOf, cellLoss, frozenCellLoss } from "./cell-loss.ts";
import { boundedShift } from "./cell-polyhedron.ts";
import type { LossForm } from "./loss-form.ts";
import { minimiseShift, shiftCost, type Anchor } from "./shift-minimiser.ts";
import { voronoiCells, type VoronoiCells } from "./voronoi-cells.ts";

/** Gauge (c, t1) at which a fitted measure is compared with the truth: weights times c = exp(t0), beta1 plus t1. */
export interface Alignment {
  readonly loss: number;
  /** Factor of `AtomDifferences.weights`. */
  readonly factor: number;
  readonly t1: Float64Array;
  readonly cells: VoronoiCells;
}

/** A pattern of cells that was met, with the least that the loss can be while the atoms stay in them. */
interface Pattern {
  readonly cells: VoronoiCells;
  readonly anchors: readonly Anchor[];
  /** Minimiser of the convex loss of these cells; the cells there may be others. */
  readonly free: Float64Array;
  readonly bound: number;
}

const ROUNDS = 20;
/** Patterns are looked into up to this many, and up to this multiple of the best loss. */
const PATTERN_LIMIT = 64;
const PATTERN_REACH = 3;

/**
 * The translation (t0, t1) that minimises a loss.
 *
 * For fixed t1 the loss is convex and piecewise linear in c = exp(t0); c is taken from the values W_j* / W_j, and c -> 0, where every fit would have
 * the loss sum_j W_j*, is excluded. Search over t1, every visited t1 being evaluated and the best kept:
 * 1. from every beta1_j* - beta1_i and from the mass-weighted mean of every cell met on the way, up to 20 rounds of {cells at t1; `minimiseShift` for
 *    these cells}; cells that were met before are not minimised again;
 * 2. the loss jumps where an atom changes its cell, so its minimum may lie on the border of a cell pattern: from the patterns with the smallest lower
 *    bounds, the best t1 that keeps the pattern (`boundedShift`), and step 1 from just across each of its borders.
 *
 * Near the truth step 2 finds nothing new; without it, fits with a far atom were up to 2.5 times above an exhaustive search.
 */
export function alignTranslation(differences: AtomDifferences, form: LossForm): Alignment {
  const { d } = differences;
  const met = new Map<string, Pattern>();
  const open: Pattern[] = [];
  let best: Alignment | undefined;

  const visit = (t1: Float64Array): VoronoiCells => {
    const cells = voronoiCells(differences, t1);
    const { factor, loss } = cellLoss(differences, cells, form);
    if (best === undefined || loss < best.loss) best = { loss, factor, t1, cells };
    return cells;
  };
  const descend = (start: Float64Array, reach: number): void => {
    let cells = visit(start);
    for (let round = 0; round < ROUNDS; round++) {
      const key = cells.cellOf.join();
      if (met.has(key) || !(frozenCellLoss(differences, cells, form, 0) <= reach * best!.loss)) return;
      const anchors = anchorsOf(differences, cells, form);
      const free = minimiseShift(anchors, d);
      const pattern = {
        cells,
        anchors,
        free,
        bound: frozenCellLoss(differences, cells, form, shiftCost(anchors, free)),
      };
      met.set(key, pattern);
      open.push(pattern);
      cells = visit(free);
    }
  };

  for (const offset of differences.offsets) descend(offset, Infinity);
  for (const { cells } of Array.from(met.values())) {
    for (const mean of cellMeans(differences, cells)) descend(mean, Infinity);
  }
  for (let count = 0; count < PATTERN_LIMIT && open.length > 0; count++) {
    open.sort((a, b) => b.bound - a.bound);
    const { cells, anchors, free, bound } = open.pop()!;
    if (!(bound <= PATTERN_REACH * best!.loss)) break;
    const { t1, beyond } = boundedShift(differences, cells, anchors, free);
    if (t1 !== free) visit(t1);
    for (const t1 of beyond) descend(t1, PATTERN_REACH);
  }
  return best!;
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

/** The best factor where the gauge has a t0 only: t1 = 0. */
export function alignIntercept(differences: AtomDifferences, form: LossForm): Alignment {
  const t1 = new Float64Array(differences.d);
  const cells = voronoiCells(differences, t1);
  return { ...cellLoss(differences, cells, form), t1, cells };
}

/** No gauge: masses and gates as they are. The loss is not evaluated. */
export function unaligned(differences: AtomDifferences): Omit<Alignment, "loss"> {
  const t1 = new Float64Array(differences.d);
  return { factor: 1, t1, cells: voronoiCells(differences, t1) };
}
