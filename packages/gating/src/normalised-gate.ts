import type { Kernels } from "@moe-rates/kernels";
import { allPairs, upperPairs } from "./channel-pairs.ts";
import type { Gating, GatingChannel, GatingColumns, Gauge } from "./gating.ts";

/** Addresses a score function reads and writes for one atom and one block. */
export interface ScoreColumns {
  /** Channel values in the order of `inputs(atom)`. */
  readonly channels: readonly number[];
  /** Basis columns of the block. */
  readonly basis: number;
  readonly stride: number;
  /** Output: score_j. */
  readonly score: number;
  /** Output: d score_j / dc_a for the inputs in that order; columns to work with at order 0. */
  readonly first: readonly number[];
  /** Output, for pair (a, b) of `secondPairs` in that order: d2 score_j / (dc_a dc_b). */
  readonly second: readonly number[];
}

/** Log-weights of a normalised gate as functions of channels. */
export interface ScoreFunction {
  /** Channels that score_j depends on: the same number for every atom, first the atom's own, then shared ones. */
  inputs(atom: number): readonly number[];
  /** Pairs (a, b), a <= b, of positions in `inputs` whose second derivative does not vanish identically. */
  readonly secondPairs: readonly (readonly [number, number])[];
  /** Writes score_j; with `order` 1 also the first derivatives, with 2 also the second ones. */
  evaluate(kernels: Kernels, columns: ScoreColumns, n: number, order: 0 | 1 | 2): void;
  /** Lowers the scores of atoms without a weight, consecutive columns at `scores`, to a finite value whose exponential is 0. */
  mask?(kernels: Kernels, columns: GatingColumns, scores: number, n: number): void;
}

/** Gate p_j = exp(s_j) / sum_l exp(s_l) over scores s_j that are functions of channels. With s_ja = ds_j/dc_a and r_j = p_j (h_j - f):
 *  df/dc_a = sum_j r_j s_ja; dp_j/dc_a = p_j (s_ja - P_a), P_a = sum_j p_j s_ja;
 *  d2f/(dc_a dc_b) = sum_j r_j (s_ja s_jb + s_jab) - P_a df/dc_b - P_b df/dc_a. */
export function normalisedGate(request: {
  readonly family: string;
  readonly atoms: number;
  readonly gauge: Gauge;
  readonly channels: readonly GatingChannel[];
  readonly score: ScoreFunction;
  readonly activeAtoms?: number;
  readonly ranked?: readonly (readonly number[])[];
  mass(intercept: number, temperature?: number): number;
}): Gating {
  const { atoms, channels, score } = request;
  const count = channels.length;
  const inputs = Array.from({ length: atoms }, (_, j) => score.inputs(j));
  const width = inputs[0].length;
  const pairs = score.secondPairs.length;
  const perAtom = 1 + width + pairs;
  const secondPairs = upperPairs(count);
  const weightPairs = allPairs(count, atoms);
  const at = ({ scratch, stride }: GatingColumns) => ({
    score: (j: number) => scratch + j * stride,
    first: (j: number, a: number) => scratch + (atoms + j * (width + pairs) + a) * stride,
    second: (j: number, pair: number) => scratch + (atoms + j * (width + pairs) + width + pair) * stride,
    pull: (j: number) => scratch + (atoms * perAtom + j) * stride,
    mean: (a: number) => scratch + (atoms * (perAtom + 1) + a) * stride,
    product: scratch + (atoms * (perAtom + 1) + count) * stride,
  });
  const bound = new WeakMap<GatingColumns, ScoreColumns[]>();
  const scoreColumns = (columns: GatingColumns): ScoreColumns[] => {
    let own = bound.get(columns);
    if (!own) {
      const place = at(columns);
      own = inputs.map((list, j) => ({
        channels: list.map((a) => columns.channels[a]),
        get basis() {
          return columns.basis;
        },
        stride: columns.stride,
        score: place.score(j),
        first: list.map((_, a) => place.first(j, a)),
        second: score.secondPairs.map((_, pair) => place.second(j, pair)),
      }));
      bound.set(columns, own);
    }
    return own;
  };
  const positions = (j: number, a: number) => inputs[j].indexOf(a);
  const pairOf = (a: number, b: number) =>
    score.secondPairs.findIndex(([left, right]) => left === a && right === b);
  /* Atoms whose score depends on channel a; on both channels of a pair. */
  const readers = channels.map((_, a) => inputs.flatMap((list, j) => (list.includes(a) ? [j] : [])));
  const terms = secondPairs.map(([a, b]) =>
    readers[a].flatMap((j) => {
      const [left, right] = [positions(j, a), positions(j, b)];
      return right < 0
        ? []
        : [{ j, left, right, pair: pairOf(Math.min(left, right), Math.max(left, right)) }];
    }),
  );
  const ownCount = inputs.map((list, j) => list.filter((a) => channels[a].atom === j).length);

  return {
    ...request,
    secondPairs,
    weightPairs,
    scratchColumns: atoms * (perAtom + 1) + count + 1,
    scores: {
      value: (columns, j) => at(columns).score(j),
      pull: (columns, j) => at(columns).pull(j),
      own: (j) => inputs[j].slice(0, ownCount[j]),
      first: (columns, j, a) => at(columns).first(j, a),
      second(columns, j, a, b) {
        const pair = pairOf(a, b);
        return pair < 0 ? null : at(columns).second(j, pair);
      },
    },
    weights(kernels, columns, n) {
      const { weights, scratch, stride } = columns;
      for (const own of scoreColumns(columns)) score.evaluate(kernels, own, n, 0);
      score.mask?.(kernels, columns, scratch, n);
      kernels.softmax(weights, scratch, stride, atoms, n);
    },
    derivatives(kernels, columns, n, order) {
      const { stride, weights, experts, regression, first, second, weightFirst } = columns;
      const place = at(columns);
      for (const own of scoreColumns(columns)) score.evaluate(kernels, own, n, order);
      for (let j = 0; j < atoms; j++) {
        kernels.multiplyDifference(place.pull(j), experts + j * stride, regression, weights + j * stride, n);
      }
      const accumulate = (out: number, factor: (j: number) => number, a: number) => {
        readers[a].forEach((j, position) => {
          const slope = place.first(j, positions(j, a));
          if (position === 0) kernels.multiply(out, factor(j), slope, n);
          else kernels.multiplyAdd(out, factor(j), slope, n);
        });
      };
      for (let a = 0; a < count; a++) accumulate(first + a * stride, place.pull, a);
      if (order < 2) return;
      for (let a = 0; a < count; a++) accumulate(place.mean(a), (j) => weights + j * stride, a);
      secondPairs.forEach(([a, b], index) => {
        const out = second[index];
        kernels.fill(out, 0, n);
        for (const { j, left, right, pair } of terms[index]) {
          kernels.multiply(place.product, place.first(j, left), place.first(j, right), n);
          kernels.multiplyAdd(out, place.pull(j), place.product, n);
          if (pair >= 0) kernels.multiplyAdd(out, place.pull(j), place.second(j, pair), n);
        }
        kernels.subtractProducts(
          out,
          out,
          place.mean(a),
          first + b * stride,
          place.mean(b),
          first + a * stride,
          n,
        );
      });
      weightPairs.forEach(([a, j], entry) => {
        const out = weightFirst[entry];
        const position = positions(j, a);
        if (position >= 0) kernels.multiply(out, weights + j * stride, place.first(j, position), n);
        kernels.subtractProduct(out, position < 0 ? -1 : out, weights + j * stride, place.mean(a), n);
      });
    },
  };
}
