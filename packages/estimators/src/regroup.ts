import { logSumExp, shuffle, type Stream } from "@moe-rates/math";
import type { MixtureModel } from "@moe-rates/mixture";
import { copyAtom, groupOf, groupRanges } from "./atom-layout.ts";
import { backwardSolve, cholesky, forwardSolve } from "./cholesky.ts";
import type { FitData } from "./screening-data.ts";

/** Ways to group the atoms that are listed one by one; where there are more, random ones are drawn. */
const MOST_LISTED = 300;
/** Rows that gates are fitted to. */
const MOST_ROWS = 512;

/** Starts that spread the atoms of a two-level fit over its groups in other ways, at most `most` of them, experts as they are. The gates
 *  are fitted to the weights p_j(x) of the fit by linear least squares: within a group log p_j less its mean over the group, among the
 *  groups log sum_j p_j less its mean, regressed on (x, 1) with the weights sum_j p_j (1 - sum_j q_j^2), q_j the shares in the group,
 *  and 1 - sum_g P_g^2. Where the atoms stay together these are the gates of the fit. */
export function regroupedStarts(
  model: MixtureModel,
  theta: Float64Array,
  data: FitData,
  most: number,
  random: Stream,
): Float64Array[] {
  const ranges = groupRanges(model);
  const sizes = ranges.map(({ size }) => size);
  const same = (partition: readonly (readonly number[])[]) =>
    partition.every((atoms) => atoms.every((atom) => groupOf(model, atom) === groupOf(model, atoms[0])));
  const others = partitions(sizes, random, most).filter((partition) => !same(partition));
  shuffle(others, random);
  const rows = rowsOf(data);
  const weights = atomWeights(model, theta, data, rows);
  return others.slice(0, most).map((partition) => regroup(model, theta, data, rows, weights, partition));
}

/** The start with the atoms of `partition[g]` in group g. */
export function regroup(
  model: MixtureModel,
  theta: Float64Array,
  data: FitData,
  rows: Int32Array,
  logWeights: readonly Float64Array[],
  partition: readonly (readonly number[])[],
): Float64Array {
  const start = Float64Array.from(theta);
  const ranges = groupRanges(model);
  const totals = partition.map((atoms) =>
    Float64Array.from(rows, (_, r) => logSumExp(atoms.map((atom) => logWeights[atom][r]))),
  );
  partition.forEach((atoms, g) => {
    atoms.forEach((atom, i) => copyAtom(model, theta, atom, model, start, ranges[g].first + i));
    const gates = fitGates(
      atoms.map((atom) => logWeights[atom]),
      totals[g],
      data,
      rows,
    );
    gates.forEach((gate, i) =>
      writeGate(model, (channel) => channel.atom === ranges[g].first + i, gate, start),
    );
  });
  const every = Float64Array.from(rows, (_, r) => logSumExp(totals.map((total) => total[r])));
  const gates = fitGates(totals, every, data, rows);
  gates.forEach((gate, g) => writeGate(model, (channel) => channel.group === g, gate, start));
  return start;
}

/** All rows, or every so-many-th of them. */
export function rowsOf({ y }: FitData): Int32Array {
  const step = Math.max(1, Math.floor(y.length / MOST_ROWS));
  return Int32Array.from({ length: Math.floor(y.length / step) }, (_, r) => r * step);
}

/** log p_j at the rows, one array per atom. */
export function atomWeights(
  model: MixtureModel,
  theta: Float64Array,
  data: FitData,
  rows: Int32Array,
): Float64Array[] {
  const n = data.y.length;
  const score = (owns: (channel: MixtureModel["channels"][number]) => boolean, row: number): number => {
    let sum = 0;
    for (const { terms, parameter } of model.channels.filter(
      (channel) => channel.part === "gate" && owns(channel),
    )) {
      for (let t = 0; t < terms; t++)
        sum += theta[parameter + t] * (t < data.inputDim ? data.x[t * n + row] : 1);
    }
    return sum;
  };
  const ranges = groupRanges(model);
  const out = Array.from({ length: model.atoms }, () => new Float64Array(rows.length));
  rows.forEach((row, r) => {
    const groups = ranges.map((_, g) => score(({ group }) => group === g, row));
    const top = logSumExp(groups);
    ranges.forEach(({ first, size }, g) => {
      const scores = Array.from({ length: size }, (_, i) => score(({ atom }) => atom === first + i, row));
      const total = logSumExp(scores);
      scores.forEach((own, i) => (out[first + i][r] = groups[g] - top + own - total));
    });
  });
  return out;
}

/** Gates (slopes, intercept) of log-linear shares of `total`, by the least squares of `regroupedStarts`. */
function fitGates(
  logs: readonly Float64Array[],
  total: Float64Array,
  { x, y, weights, inputDim: d }: FitData,
  rows: Int32Array,
): Float64Array[] {
  const p = d + 1;
  const matrix = new Float64Array(p * p);
  const right = logs.map(() => new Float64Array(p));
  const z = new Float64Array(p).fill(1);
  rows.forEach((row, r) => {
    let squares = 0;
    let mean = 0;
    for (const log of logs) {
      squares += Math.exp(2 * (log[r] - total[r]));
      mean += log[r] / logs.length;
    }
    const weight = (weights?.[row] ?? 1) * (Math.exp(total[r]) * (1 - squares) + 1e-6);
    for (let u = 0; u < d; u++) z[u] = x[u * y.length + row];
    for (let a = 0; a < p; a++) {
      for (let b = 0; b <= a; b++) matrix[a * p + b] += weight * z[a] * z[b];
      logs.forEach((log, j) => (right[j][a] += weight * z[a] * (log[r] - mean)));
    }
  });
  const factor = new Float64Array(p * p);
  let trace = 0;
  for (let a = 0; a < p; a++) trace += matrix[a * p + a];
  if (!cholesky(matrix, 1e-12 * trace, p, p, factor)) return logs.map(() => new Float64Array(p));
  for (const gate of right) {
    forwardSolve(factor, p, p, gate);
    backwardSolve(factor, p, p, gate);
  }
  return right;
}

function writeGate(
  model: MixtureModel,
  owns: (channel: MixtureModel["channels"][number]) => boolean,
  gate: Float64Array,
  start: Float64Array,
): void {
  for (const channel of model.channels)
    if (channel.part === "gate" && owns(channel))
      start.set(gate.subarray(0, channel.terms), channel.parameter);
}

/** Ways to put atoms 0, 1, ... into groups of these sizes, groups of one size being interchangeable: all of them, or random ones where they
 *  are too many to list. */
export function partitions(sizes: readonly number[], random: Stream, draws: number): number[][][] {
  const atoms = sizes.reduce((sum, size) => sum + size, 0);
  const listed: number[][][] = [];
  const place = (atom: number, groups: number[][]): void => {
    if (listed.length > MOST_LISTED) return;
    if (atom === atoms) {
      listed.push(groups.map((group) => [...group]));
      return;
    }
    sizes.forEach((size, g) => {
      const twin = g > 0 && sizes[g - 1] === size && groups[g - 1].length === 0;
      if (groups[g].length === size || (twin && groups[g].length === 0)) return;
      groups[g].push(atom);
      place(atom + 1, groups);
      groups[g].pop();
    });
  };
  place(
    0,
    sizes.map(() => []),
  );
  if (listed.length <= MOST_LISTED) return listed;
  return Array.from({ length: draws }, () => {
    const order = shuffle(
      Array.from({ length: atoms }, (_, j) => j),
      random,
    );
    return sizes.map((size) => order.splice(0, size));
  });
}
