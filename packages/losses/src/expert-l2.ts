import { NeumaierSum } from "@moe-rates/math";
import type { MixingMeasure } from "@moe-rates/mixture";
import { mergeAtoms } from "./merge-atoms.ts";
import { addError, type CellErrors, meanErrors } from "./voronoi-components.ts";

/** Experts as functions: one array of values at common points for every atom of a measure, in the order of its atoms. */
export type ExpertValues = readonly Float64Array[];

/**
 * Function-space error of the experts: with ||.|| the root mean square over common points and the cell of fitted atom i the true atom j(i) whose expert
 * is nearest to its own, the lowest of equals,
 *   total = (sum_i w_i ||h_i - h*_j(i)||^2 / sum_i w_i)^(1/2).
 * Cells of functions need no gauge, and experts may be of different families. Within a group of a two-level measure an atom weighs its share of the
 * group times the group's mass.
 *
 * Errors as in the Voronoi losses, with norms of functions: `exact-expert-error`, `over-expert-rms`, `over-expert-mean`, means over the cells of their
 * kind. Atoms that coincide (`mergeAtoms`) count as one when cells are counted.
 */
export function expertL2(
  fitted: { readonly measure: MixingMeasure; readonly experts: ExpertValues },
  truth: ExpertValues,
): { readonly total: number; readonly components: Record<string, number>; readonly cells: Int32Array } {
  const { measure, experts } = fitted;
  if (experts.length !== measure.atoms.length)
    throw new RangeError(`${experts.length} experts came for ${measure.atoms.length} atoms`);
  const weights = relativeMasses(measure);
  const distinct = mergedIndex(measure);
  const cells = Int32Array.from(experts, (values) => {
    const distances = truth.map((other) => distance(values, other));
    return distances.indexOf(Math.min(...distances));
  });
  const errors: CellErrors = new Map();
  const total = new NeumaierSum();
  truth.forEach((target, j) => {
    const members = Array.from(cells.keys()).filter((i) => cells[i] === j);
    if (members.length === 0) return;
    const mass = members.reduce((sum, i) => sum + weights[i], 0);
    const mean = new Float64Array(target.length);
    let square = 0;
    for (const i of members) {
      square += weights[i] * distance(experts[i], target) ** 2;
      for (let s = 0; s < mean.length; s++) mean[s] += (weights[i] / mass) * experts[i][s];
    }
    total.add(square);
    if (new Set(members.map((i) => distinct[i])).size === 1)
      return addError(errors, "exact-expert-error", distance(experts[members[0]], target));
    addError(errors, "over-expert-rms", Math.sqrt(square / mass));
    addError(errors, "over-expert-mean", distance(mean, target));
  });
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return { total: Math.sqrt(total.value / all), components: meanErrors(errors), cells };
}

/** Masses up to a common factor that no gauge changes. */
function relativeMasses(measure: MixingMeasure): Float64Array {
  const { groups, atoms, gauge, temperature } = measure;
  if (gauge === "none") return Float64Array.from(atoms, ({ mass }) => mass);
  const shares = (logs: readonly number[]): number[] => {
    const largest = Math.max(...logs);
    return logs.map((value) => Math.exp(value - largest));
  };
  if (groups === undefined)
    return Float64Array.from(shares(atoms.map(({ beta0 }) => beta0 / (temperature ?? 1))));
  const outer = shares(groups.map(({ b }) => b));
  return Float64Array.from(
    groups.flatMap((group, g) => {
      const inner = shares(group.atoms.map(({ beta0 }) => beta0));
      const sum = inner.reduce((a, b) => a + b, 0);
      return inner.map((share) => (outer[g] * share) / sum);
    }),
  );
}

/** For every atom a number that coincident atoms share; atoms of different groups never coincide. */
function mergedIndex({ groups, ...measure }: MixingMeasure): number[] {
  if (groups === undefined) return Array.from(mergeAtoms(measure).groupOf);
  let before = 0;
  return groups.flatMap(({ atoms }) => {
    const first = before;
    before += atoms.length;
    return Array.from(mergeAtoms({ gauge: "translation", atoms }).groupOf, (index) => first + index);
  });
}

function distance(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length || a.length === 0)
    throw new RangeError(`experts were evaluated at ${a.length} and ${b.length} points`);
  const squares = new NeumaierSum();
  for (let s = 0; s < a.length; s++) squares.add((a[s] - b[s]) ** 2);
  return Math.sqrt(squares.value / a.length);
}
