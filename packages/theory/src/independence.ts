import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { triangularFactor } from "./triangular-factor.ts";

/** A function of x, sampled, with its name. */
export interface NamedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** Whether a set of functions is linearly independent, numerically. */
export interface Independence {
  readonly columns: number;
  /** Names of functions that vanish identically. */
  readonly zero: readonly string[];
  /** Functions that repeat an earlier one up to a factor; a set counts them once. */
  readonly duplicates: number;
  readonly distinct: number;
  readonly rank: number;
  /** Smallest over largest singular value of the distinct columns, each divided by its norm. */
  readonly smallest: number;
  readonly independent: boolean;
  /** A vanishing combination of the distinct functions, largest coefficients first, when there is one. */
  readonly dependency: readonly { readonly name: string; readonly coefficient: number }[];
}

/** Root mean squares below this are zero. */
const ZERO = 1e-12;
/** Columns whose cosine is this close to 1 in size are one function. */
const SAME = 1e-10;
/** Singular values count up to this fraction of the largest. */
const RANK = 1e-11;

/** Rank test of a set of functions: identically vanishing ones violate independence, repeated ones count once, the others are
 *  normalised and must have full rank (singular values above 1e-11 of the largest). */
export function independence(columns: readonly NamedColumn[]): Independence {
  const live = columns.filter(({ values }) => rootMeanSquare(values) >= ZERO);
  const unit = live.map(({ values }) => {
    const norm = rootMeanSquare(values) * Math.sqrt(values.length);
    return values.map((value) => value / norm);
  });
  const p = unit.length;
  const r = triangularFactor(unit);
  const kept: number[] = [];
  for (let j = 0; j < p; j++) {
    const repeats = kept.some((i) => {
      let dot = 0;
      for (let row = 0; row <= i; row++) dot += r[row * p + i] * r[row * p + j];
      return Math.abs(Math.abs(dot) - 1) <= SAME;
    });
    if (!repeats) kept.push(j);
  }
  const matrix = new Matrix(Math.max(p, 1), Math.max(kept.length, 1));
  kept.forEach((j, at) => {
    for (let row = 0; row < p; row++) matrix.set(row, at, r[row * p + j]);
  });
  const svd = new SingularValueDecomposition(matrix, { autoTranspose: true });
  const values = svd.diagonal.slice(0, kept.length);
  const largest = values[0] ?? 0;
  const rank = values.filter((value) => value > RANK * largest).length;
  const zero = columns.filter(({ values: column }) => rootMeanSquare(column) < ZERO).map(({ name }) => name);
  const weakest = svd.rightSingularVectors.getColumn(Math.max(0, kept.length - 1));
  const dependency = kept.map((j, at) => ({ name: live[j].name, coefficient: weakest[at] }));
  return {
    columns: columns.length,
    zero,
    duplicates: p - kept.length,
    distinct: kept.length,
    rank,
    smallest: largest > 0 ? values[values.length - 1] / largest : 0,
    independent: zero.length === 0 && rank === kept.length,
    dependency:
      rank === kept.length
        ? []
        : dependency
            .filter(({ coefficient }) => Math.abs(coefficient) > 1e-3)
            .sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient)),
  };
}

function rootMeanSquare(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}
