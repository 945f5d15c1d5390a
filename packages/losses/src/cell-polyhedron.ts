import type { AtomDifferences } from "./atom-differences.ts";
import { costTowards, shiftCost, weightedCentre, type Anchor } from "./shift-minimiser.ts";
import type { VoronoiCells } from "./voronoi-cells.ts";

/** Half space n . t <= bound. */
interface HalfSpace {
  readonly normal: Float64Array;
  readonly square: number;
  readonly bound: number;
  /** Lagrange multiplier of the last projection. */
  multiplier: number;
}

/** The best translation that keeps every atom in its cell, and points across the borders. */
export interface BoundedShift {
  readonly t1: Float64Array;
  /** For every border, the nearest point to t1 that lies just beyond it. */
  readonly beyond: Float64Array[];
}

/** Distance kept from the facets, in units of 1 + the size of the anchors, so that rounding does not decide the cells. */
const MARGIN = 1e-9;

/**
 * Minimiser of `shiftCost` over the translations t1 that leave the cells as they are.
 *
 * Atom i stays in cell j as long as 2 (beta1_l* - beta1_j*) . t1 <= ||(Delta beta1, Delta eta)_il||^2 - ||(Delta beta1, Delta eta)_ij||^2 for all l:
 * a polyhedron. The reweighted majorant of the cost is an isotropic quadratic, so that its minimum over the polyhedron is the Euclidean projection
 * of its centre; projections by Hildreth's method.
 *
 * @param free minimiser of `shiftCost` without the borders; returned when it keeps the cells
 */
export function boundedShift(
  differences: AtomDifferences,
  cells: VoronoiCells,
  anchors: readonly Anchor[],
  free: Float64Array,
): BoundedShift {
  let size = 1;
  for (const { at } of anchors) for (const value of at) size = Math.max(size, 1 + Math.abs(value));
  const halfSpaces = halfSpacesOf(differences, cells, MARGIN * size);
  const inside = halfSpaces.every((halfSpace) => excessOf(halfSpace, free) <= 0);
  const t1 = inside ? free : minimiseInside(anchors, halfSpaces, free);
  const beyond = halfSpaces.map((halfSpace) => {
    const { normal, square } = halfSpace;
    const step = (4 * MARGIN * size) / Math.sqrt(square) - excessOf(halfSpace, t1) / square;
    return t1.map((value, u) => value + step * normal[u]);
  });
  return { t1, beyond };
}

function minimiseInside(
  anchors: readonly Anchor[],
  halfSpaces: readonly HalfSpace[],
  start: Float64Array,
): Float64Array {
  const t1 = Float64Array.from(start);
  project(t1, halfSpaces);
  let cost = shiftCost(anchors, t1);
  const next = new Float64Array(t1.length);
  for (let iteration = 0; iteration < 100; iteration++) {
    weightedCentre(anchors, t1, next);
    project(next, halfSpaces);
    const nextCost = costTowards(anchors, t1, next, cost);
    if (!(nextCost < cost)) break;
    const gain = cost - nextCost;
    t1.set(next);
    cost = nextCost;
    if (gain <= 1e-10 * cost) break;
  }
  return t1;
}

/** n . t - bound. */
function excessOf({ normal, bound }: HalfSpace, t: Float64Array): number {
  let excess = -bound;
  for (let u = 0; u < t.length; u++) excess += normal[u] * t[u];
  return excess;
}

/** For every ordered pair of cells (j, l) the tightest of the parallel half spaces of the atoms in cell j. */
function halfSpacesOf(
  { k, m, d, gate, expert }: AtomDifferences,
  { cellOf }: VoronoiCells,
  margin: number,
): HalfSpace[] {
  const squares = Float64Array.from(expert, (value) => value * value);
  for (let at = 0; at < k * m; at++) for (let u = 0; u < d; u++) squares[at] += gate[at * d + u] ** 2;
  const tightest = new Map<number, HalfSpace>();
  cellOf.forEach((j, i) => {
    for (let l = 0; l < m; l++) {
      if (l === j) continue;
      const normal = new Float64Array(d);
      for (let u = 0; u < d; u++) normal[u] = 2 * (gate[(i * m + j) * d + u] - gate[(i * m + l) * d + u]);
      const square = normal.reduce((sum, value) => sum + value * value, 0);
      if (square === 0) continue;
      const bound = squares[i * m + l] - squares[i * m + j] - margin * Math.sqrt(square);
      const known = tightest.get(j * m + l);
      if (known === undefined || bound < known.bound)
        tightest.set(j * m + l, { normal, square, bound, multiplier: 0 });
    }
  });
  return Array.from(tightest.values());
}

/** Moves t to its Euclidean projection on the intersection, from the multipliers of the last call (Hildreth 1957). */
function project(t: Float64Array, halfSpaces: readonly HalfSpace[]): void {
  for (const { normal, multiplier } of halfSpaces) {
    if (multiplier > 0) for (let u = 0; u < t.length; u++) t[u] -= multiplier * normal[u];
  }
  for (let sweep = 0; sweep < 100; sweep++) {
    let largest = 0;
    for (const halfSpace of halfSpaces) {
      const { normal, square, multiplier } = halfSpace;
      const step = Math.max(-multiplier, excessOf(halfSpace, t) / square);
      if (step === 0) continue;
      halfSpace.multiplier = multiplier + step;
      for (let u = 0; u < t.length; u++) t[u] -= step * normal[u];
      largest = Math.max(largest, Math.abs(step) * Math.sqrt(square));
    }
    if (largest < 1e-12) return;
  }
}
