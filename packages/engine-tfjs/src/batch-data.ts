import type { Tensor } from "@tensorflow/tfjs";
import { basisColumns } from "@moe-rates/mixture";
import type { Tf } from "./tensorflow.ts";

/** Observations of one replicate: x column-major n x d, optionally counts of replicated observations. */
export interface Observations {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly weights?: Float64Array;
}

/** Rows of R replicates as tensors, all with one axis for starts. */
export interface DataChunk {
  readonly rows: number;
  /** R x 1 x rows x m: x, 1 and, if asked for, x / |x|. */
  readonly basis: Tensor;
  /** R x 1 x rows. */
  readonly response: Tensor;
  /** R x 1 x rows, square roots of the weights; null when all are 1. */
  readonly root: Tensor | null;
}

/** Data on the backend, in chunks of rows. */
export interface BatchData {
  readonly replicates: number;
  readonly observations: number;
  readonly columns: number;
  readonly chunks: readonly DataChunk[];
  dispose(): void;
}

/** Copies the observations of R replicates of the same size to the backend, at most `rows` of them per chunk.
 *  Throws a RangeError when sizes disagree. */
export function batchData(
  tf: Tf,
  replicates: readonly Observations[],
  { inputDim, normalised, rows }: { inputDim: number; normalised: boolean; rows: number },
): BatchData {
  const n = replicates[0]?.y.length ?? 0;
  for (const { x, y, weights } of replicates) {
    if (y.length !== n || x.length !== n * inputDim || (weights && weights.length !== n))
      throw new RangeError(
        `a batch needs replicates of one size: ${n} rows of ${inputDim} inputs, not ${x.length} numbers and ${y.length} responses`,
      );
  }
  const columns = basisColumns(inputDim, normalised);
  const count = replicates.length;
  const weighted = replicates.some(({ weights }) => weights !== undefined);
  const chunks: DataChunk[] = [];
  for (let from = 0; from < n; from += rows) {
    const size = Math.min(rows, n - from);
    const basis = new Float32Array(count * size * columns);
    const response = new Float32Array(count * size);
    const root = new Float32Array(weighted ? count * size : 0).fill(1);
    replicates.forEach(({ x, y, weights }, r) => {
      for (let i = 0; i < size; i++) {
        const row = (r * size + i) * columns;
        let square = 0;
        for (let u = 0; u < inputDim; u++) {
          const value = x[u * n + from + i];
          basis[row + u] = value;
          square += value * value;
        }
        basis[row + inputDim] = 1;
        if (normalised) {
          const inverse = square > 0 ? 1 / Math.sqrt(square) : 0;
          for (let u = 0; u < inputDim; u++) basis[row + inputDim + 1 + u] = inverse * x[u * n + from + i];
        }
        response[r * size + i] = y[from + i];
        if (weights) root[r * size + i] = Math.sqrt(weights[from + i]);
      }
    });
    chunks.push({
      rows: size,
      basis: tf.tensor4d(basis, [count, 1, size, columns]),
      response: tf.tensor3d(response, [count, 1, size]),
      root: weighted ? tf.tensor3d(root, [count, 1, size]) : null,
    });
  }
  return {
    replicates: count,
    observations: n,
    columns,
    chunks,
    dispose: () =>
      chunks.forEach(({ basis, response, root }) =>
        tf.dispose(root ? [basis, response, root] : [basis, response]),
      ),
  };
}
