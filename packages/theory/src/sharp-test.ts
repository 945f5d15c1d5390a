import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { stream } from "@moe-rates/math";
import { type Families, type MixtureModel, shippedFamilies } from "@moe-rates/mixture";
import { coneMinimum, type QuadraticMap } from "./cone-minimum.ts";
import { modelJet, type Points } from "./model-jet.ts";
import { splitAtoms } from "./split-atoms.ts";
import { triangularFactor } from "./triangular-factor.ts";

/** Parameters by name, the largest one +-1. */
export type Direction = Readonly<Record<string, number>>;

/** The sharp second-order test of a truth for one number of fitted atoms. */
export interface SharpTest {
  /** Smallest singular value of the Jacobian modulo gauge, columns normalised: 0 when some direction leaves f_G unchanged to first order. */
  readonly first: { readonly smallest: number; readonly direction: Direction };
  /** Least norm of second-order terms that first-order ones cannot undo, over the ways of splitting atoms; null where the extra atoms
   *  cannot merge into true ones (a sigmoid gate with slope), or without extra atoms. */
  readonly second: { readonly smallest: number; readonly splits: readonly SplitDirection[] } | null;
}

/** An atom of the truth and a direction +-v in which its halves part. */
export interface SplitDirection {
  readonly atom: number;
  /** One direction per extra atom of this cell. */
  readonly directions: readonly Direction[];
}

/** Second-order columns beyond this are too many for a dense factorisation. */
const MOST_COLUMNS = 1500;
/** Two functions are equal when they differ by less, relative to their size. */
const EQUAL = 1e-9;
/** Least norms up to this are zero; the first atom that has one is shown. */
const ROUNDING = 1e-12;

/**
 * First order: functions df/dtheta at the truth, one parameter of every gauge group dropped. Second order: halves of atom j move by +v and -v,
 * f changes by Q_j(v v'), Q_j = (H_aa + H_bb - H_ab - H_ba) / 2 from the Hessian of the split model over the atom's gate slope and expert
 * (for softmax x'M x r_j / 2 + p_j x'M grad h + p_j <M, hess h> / 2). With k = k* + m, minimises the norm of sum_j Q_j(M_j) after projecting
 * out all first-order functions, jointly over M_j >= 0 of rank m_j, sum m_j = m, each parameter scaled by its own second-order norm.
 * A positive minimum (and full rank) gives n^-1/2 and n^-1/4 near the truth; with groups, m counts per group.
 * Throws a RangeError when the problem is too large.
 */
export function sharpTest(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  extra: number,
  families: Families = shippedFamilies,
): SharpTest {
  const first = modelJet(model, theta, points, 1);
  const dropped = new Set(model.gaugeGroups.map((group) => group[group.length - 1]));
  const kept = model.parameterNames.map((_, i) => i).filter((i) => !dropped.has(i));
  const columns = kept.map((i) => first.jacobian[i]);
  const norms = columns.map(normOf);
  const root = Math.sqrt(points.count);
  const unit = columns.map((column, i) => column.map((value) => value / (root * (norms[i] || 1))));
  const cells = extra > 0 ? secondOrder(model, theta, points, first.value, families) : [];
  const seconds = cells.flatMap(({ columns: own }) => own.map((one) => one.map((value) => value / root)));
  const p = unit.length + seconds.length;
  if (p > MOST_COLUMNS)
    throw new RangeError(`the test needs ${p} columns, more than ${MOST_COLUMNS}: fewer inputs or atoms`);
  const r = triangularFactor([...unit, ...seconds]);
  const column = (j: number) => Float64Array.from({ length: p }, (_, row) => r[row * p + j]);
  const range = firstOrderRange(unit.map((_, j) => column(j)));
  const worst: Record<string, number> = {};
  kept.forEach((i, at) => (worst[model.parameterNames[i]] = range.weakest[at] / (norms[at] || 1)));
  const result = { smallest: range.smallest, direction: scaledToOne(worst) };
  if (cells.length === 0) return { first: result, second: null };
  let at = unit.length;
  const maps = cells.map((cell): QuadraticMap => {
    const images = cell.columns.map(() => range.projectOut(column(at++)));
    return { size: cell.scale.length, images };
  });
  return { first: result, second: splits(model, cells, maps, extra) };
}

interface Cell {
  readonly atom: number;
  readonly group: number;
  readonly names: readonly string[];
  /** Scale of each parameter: v = scale * (unit parameter). */
  readonly scale: readonly number[];
  /** The atom's own expert parameters in scaled units: the direction that a homogeneous expert leaves free. */
  readonly own: readonly number[];
  /** Scaled images of the entries (s <= t) of M. */
  readonly columns: readonly Float64Array[];
}

/** Second-order functions of every atom that can be split. */
function secondOrder(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  truth: Float64Array,
  families: Families,
): Cell[] {
  const groupOf = model.gating.groups?.flatMap((size, g) => Array.from({ length: size }, () => g));
  const cells: Cell[] = [];
  for (let atom = 0; atom < model.atoms; atom++) {
    const group = groupOf?.[atom] ?? 0;
    const others = model.gating.groups?.map((_, g) => (g === group ? atom : groupOf!.indexOf(g)));
    const split = splitAtoms(model, theta, others ?? [atom], families);
    const jet = modelJet(split.model, split.theta, points, 2);
    const size = normOf(truth) + Number.MIN_VALUE;
    if (normOf(jet.value.map((value, i) => value - truth[i])) > EQUAL * size) continue;
    const half = split.halves.find((one) => one.atom === atom)!;
    const own = (j: number) =>
      split.model.channels
        .filter((channel) => channel.atom === j)
        .flatMap((channel) => channel.names.map((name, t) => ({ name, index: channel.parameter + t })))
        .filter(({ name }) => name !== "beta0");
    const [a, b] = [own(half.first), own(half.second)];
    const entry = (s: number, t: number): Float64Array => {
      const [aa, bb] = [jet.hessian(a[s].index, a[t].index), jet.hessian(b[s].index, b[t].index)];
      const [ab, ba] = [jet.hessian(a[s].index, b[t].index), jet.hessian(b[s].index, a[t].index)];
      const factor = s === t ? 0.5 : 1;
      return aa.map((value, i) => factor * (value + bb[i] - ab[i] - ba[i]));
    };
    const scale = a.map((_, s) => {
      const norm = normOf(entry(s, s));
      return norm < 1e-12 ? 1 : 1 / Math.sqrt(norm);
    });
    const columns = a.flatMap((_, s) =>
      a.slice(s).map((__, t) => entry(s, s + t).map((value) => value * scale[s] * scale[s + t])),
    );
    const expertOf = new Set(
      split.model.channels.filter(({ part }) => part === "expert").flatMap(({ names }) => names),
    );
    const multiples = a.map(({ name, index }, s) => (expertOf.has(name) ? split.theta[index] / scale[s] : 0));
    cells.push({ atom, group, names: a.map(({ name }) => name), scale, own: multiples, columns });
  }
  return cells;
}

function firstOrderRange(columns: readonly Float64Array[]) {
  const matrix = Matrix.columnVector(Array.from(columns[0]));
  const full = Matrix.zeros(matrix.rows, columns.length);
  columns.forEach((column, j) => full.setColumn(j, Array.from(column)));
  const svd = new SingularValueDecomposition(full, { autoTranspose: true });
  const values = svd.diagonal;
  const basis = values
    .map((value, j) => (value > 1e-10 * values[0] ? svd.leftSingularVectors.getColumn(j) : null))
    .filter((vector) => vector !== null);
  return {
    smallest: values[columns.length - 1],
    weakest: svd.rightSingularVectors.getColumn(columns.length - 1),
    projectOut(vector: Float64Array): Float64Array {
      const rest = vector.slice();
      for (let pass = 0; pass < 2; pass++) {
        for (const direction of basis) {
          let dot = 0;
          for (let row = 0; row < rest.length; row++) dot += direction[row] * rest[row];
          for (let row = 0; row < rest.length; row++) rest[row] -= dot * direction[row];
        }
      }
      return rest;
    },
  };
}

function splits(
  model: MixtureModel,
  cells: readonly Cell[],
  maps: readonly QuadraticMap[],
  extra: number,
): SharpTest["second"] {
  let best: { smallest: number; splits: SplitDirection[] } | null = null;
  const groups = model.gating.groups?.length ?? 1;
  for (const ranks of allocations(cells, groups, extra)) {
    const used = cells.map((_, j) => j).filter((j) => ranks[j] > 0);
    const found = coneMinimum(
      used.map((j) => maps[j]),
      used.map((j) => Math.min(ranks[j], maps[j].size)),
      stream("cone", ...ranks),
      {
        preferred: preferredStart(
          used.map((j) => cells[j]),
          used.map((j) => Math.min(ranks[j], maps[j].size)),
        ),
      },
    );
    if (best !== null && (found.norm >= best.smallest || best.smallest <= ROUNDING)) continue;
    best = {
      smallest: found.norm,
      splits: used.map((j, at) => ({
        atom: cells[j].atom,
        directions: Array.from(
          { length: Math.min(ranks[j], maps[j].size) },
          (_, c, rank = Math.min(ranks[j], maps[j].size)) =>
            named(cells[j], (s) => found.factors[at][s * rank + c]),
        ),
      })),
    };
  }
  return best;
}

/** Every cell parts along its own expert parameters, first factor only; none where they all vanish. */
function preferredStart(cells: readonly Cell[], ranks: readonly number[]): Float64Array[] {
  const start = cells.flatMap(({ own }, at) =>
    own.flatMap((value) => [value, ...Array<number>(ranks[at] - 1).fill(0)]),
  );
  return start.some((value) => value !== 0) ? [Float64Array.from(start)] : [];
}

function named({ names, scale }: Cell, component: (s: number) => number): Direction {
  return scaledToOne(Object.fromEntries(names.map((name, s) => [name, scale[s] * component(s)])));
}

/** Every way of giving `extra` atoms to the cells of each group; a group without splittable cells takes none. */
function allocations(cells: readonly Cell[], groups: number, extra: number): number[][] {
  let found: number[][] = [cells.map(() => 0)];
  for (let g = 0; g < groups; g++) {
    const own = cells.map((_, j) => j).filter((j) => cells[j].group === g);
    if (own.length === 0) continue;
    for (let atom = 0; atom < extra; atom++) {
      const next = found.flatMap((ranks) =>
        own.map((j) => ranks.map((rank, l) => (l === j ? rank + 1 : rank))),
      );
      found = [...new Map(next.map((ranks) => [ranks.join(), ranks])).values()];
    }
  }
  return found;
}

/** Divides by the largest component in size; rounding noise becomes 0. */
function scaledToOne(direction: Record<string, number>): Direction {
  const largest = Object.values(direction).reduce(
    (most, value) => (Math.abs(value) > Math.abs(most) ? value : most),
    0,
  );
  return Object.fromEntries(
    Object.entries(direction).map(([name, value]) => {
      const scaled = largest === 0 ? 0 : value / largest;
      return [name, Math.abs(scaled) < 1e-10 ? 0 : scaled];
    }),
  );
}

function normOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}
