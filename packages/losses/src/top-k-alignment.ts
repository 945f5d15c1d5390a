import { logistic } from "@moe-rates/math";
import type { AtomDifferences } from "./atom-differences.ts";
import { expertTerm } from "./cell-loss.ts";
import { type LossForm, raise } from "./loss-form.ts";
import { type DifferentiableFunction, quasiNewton } from "./quasi-newton.ts";
import type { Alignment } from "./translation-alignment.ts";
import { voronoiCells, type VoronoiCells } from "./voronoi-cells.ts";

/** Cell patterns that are descended from, the best first; widths of the rounding of kinks, in units of the loss; steps at every width. */
const PATTERNS = 12;
const WIDTHS = [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4];
const STEPS = 60;

type Candidate = Omit<Alignment, "loss"> & { readonly loss: number };

/**
 * The (t0, t1) that minimises the sum of the K largest cells' parts of a loss: the largest value, over the K-subsets of true atoms, of the loss restricted
 * to their cells (parts are not negative, so that the largest sum is that of the largest parts).
 *
 * Starts: the alignment of the whole loss, and every beta1_j* - beta1_i, each with every factor c = W_j* / W_j. From the best start of every pattern of
 * cells, a descent over (t1, log c) with these cells, its kinks rounded ever less. With these cells the loss is a convex function of (t1, 1 / c) over 1 / c,
 * so that its only local minimum is the global one. log c stays between the smallest and the largest log W_j* / W_j: c -> 0, where every bad fit would
 * look alike, is excluded.
 */
export function alignTopK(
  differences: AtomDifferences,
  form: LossForm,
  active: number,
  whole: Float64Array,
): Omit<Alignment, "loss"> {
  const patterns = new Map<string, Candidate>();
  const keep = (t1: Float64Array, cells: VoronoiCells, factor: number): void => {
    const loss = activeLoss(differences, cells, form, factor, active);
    const key = cells.cellOf.join();
    if (!(loss >= (patterns.get(key)?.loss ?? Infinity))) patterns.set(key, { loss, factor, t1, cells });
  };
  const visit = (t1: Float64Array): void => {
    const cells = voronoiCells(differences, t1);
    for (const factor of factorsOf(differences, cells)) keep(t1, cells, factor);
  };
  const byLoss = () => Array.from(patterns.values()).sort((a, b) => a.loss - b.loss);
  for (const t1 of [whole, ...differences.offsets]) visit(t1);
  for (const start of byLoss().slice(0, PATTERNS)) {
    const end = descend(differences, form, active, start);
    visit(end.t1);
    const cells = voronoiCells(differences, end.t1);
    const factors = factorsOf(differences, cells);
    keep(end.t1, cells, Math.min(Math.max(...factors), Math.max(Math.min(...factors), end.factor)));
  }
  return byLoss()[0];
}

/** Minimiser over (t1, c) with the cells of `start`, to about the last width. */
function descend(
  differences: AtomDifferences,
  form: LossForm,
  active: number,
  start: Candidate,
): { readonly t1: Float64Array; readonly factor: number } {
  const { d, m } = differences;
  const logs = factorsOf(differences, start.cells).map(Math.log);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const threshold = cellParts(differences, start.cells, form, start.factor).sort()[Math.max(0, m - active)];
  let z = Float64Array.of(...start.t1, Math.log(start.factor), threshold);
  for (const width of WIDTHS) {
    const f = roundedLoss(differences, start.cells, form, active, width * start.loss);
    z = Float64Array.from(quasiNewton(f, z, STEPS));
    z[d] = Math.min(high, Math.max(low, z[d]));
  }
  return { t1: z.slice(0, d), factor: Math.exp(z[d]) };
}

/** The K true atoms whose cells have the largest parts, lowest first among equals. */
export function largestCells(
  differences: AtomDifferences,
  cells: VoronoiCells,
  form: LossForm,
  factor: number,
  active: number,
): number[] {
  const parts = cellParts(differences, cells, form, factor);
  return Array.from(parts.keys())
    .sort((a, b) => parts[b] - parts[a] || a - b)
    .slice(0, active);
}

/** W_j* / W_j of the cells with mass. */
function factorsOf({ m, weights, trueMasses }: AtomDifferences, { cellOf }: VoronoiCells): number[] {
  const mass = new Float64Array(m);
  cellOf.forEach((j, i) => (mass[j] += weights[i]));
  return Array.from(mass, (value, j) => trueMasses[j] / value).filter((c) => c > 0 && c < Infinity);
}

/** |c W_j - W_j*| + c sum_{A_j} w (||Delta beta1||^p + ||Delta eta||^p) of every cell. */
function cellParts(
  differences: AtomDifferences,
  { cellOf, sizes, gateError }: VoronoiCells,
  form: LossForm,
  factor: number,
): Float64Array {
  const { m, weights, trueMasses } = differences;
  const mass = new Float64Array(m);
  const parts = new Float64Array(m);
  cellOf.forEach((j, i) => {
    if (!(weights[i] > 0)) return;
    const power = form.power(sizes[j]);
    mass[j] += weights[i];
    parts[j] += factor * weights[i] * (raise(gateError[i], power) + expertTerm(differences, i, j, power));
  });
  return parts.map((value, j) => value + Math.abs(factor * mass[j] - trueMasses[j]));
}

function activeLoss(
  differences: AtomDifferences,
  cells: VoronoiCells,
  form: LossForm,
  factor: number,
  active: number,
): number {
  const parts = cellParts(differences, cells, form, factor).sort();
  return parts.subarray(Math.max(0, parts.length - active)).reduce((sum, value) => sum + value, 0);
}

/**
 * The loss of frozen cells with its kinks rounded, as a function of (t1, log c, nu) and with its gradient: lengths ||z|| become (||z||^2 + delta^2)^(1/2) and
 * |z| likewise, delta = width / sum W*; the sum of the K largest parts f_j becomes K nu + width sum_j log(1 + exp((f_j - nu) / width)), whose minimum over nu
 * is at most m log 2 widths above it.
 */
function roundedLoss(
  differences: AtomDifferences,
  { cellOf, sizes }: VoronoiCells,
  form: LossForm,
  active: number,
  width: number,
): DifferentiableFunction {
  const { m, d, gate, weights, trueMasses } = differences;
  const delta = width / trueMasses.reduce((sum, mass) => sum + mass, 0);
  const still = Array.from(cellOf, (j, i) => expertTerm(differences, i, j, form.power(sizes[j])));
  return (z, gradient) => {
    const factor = Math.exp(z[d]);
    const parts = new Float64Array(m);
    const mass = new Float64Array(m);
    const pulls = Array.from(cellOf, (j, i) => {
      const power = form.power(sizes[j]);
      let square = power < 2 ? delta * delta : 0;
      for (let u = 0; u < d; u++) square += (gate[(i * m + j) * d + u] + z[u]) ** 2;
      const weight = factor * weights[i];
      parts[j] += weight * (still[i] + square ** (power / 2));
      mass[j] += weight;
      return square > 0 ? weight * power * square ** (power / 2 - 1) : 0;
    });
    let value = active * z[d + 1];
    gradient.fill(0);
    gradient[d + 1] = active;
    const shares = parts.map((own, j) => {
      const excess = mass[j] - trueMasses[j];
      const rounded = Math.hypot(excess, width);
      const over = (own + rounded - z[d + 1]) / width;
      const share = logistic(over);
      value += width * (over > 30 ? over : Math.log1p(Math.exp(over)));
      gradient[d] += share * (own + (excess / rounded) * mass[j]);
      gradient[d + 1] -= share;
      return share;
    });
    cellOf.forEach((j, i) => {
      for (let u = 0; u < d; u++) gradient[u] += shares[j] * pulls[i] * (gate[(i * m + j) * d + u] + z[u]);
    });
    return value;
  };
}
