import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Eigenvalues, ascending, and orthonormal eigenvectors of a symmetric matrix. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** p x p, row-major; column j belongs to `values[j]`, its component i is `vectors[i * p + j]`. */
  readonly vectors: Float64Array;
}

/**
 * Eigendecomposition A = V diag(values) V' of a symmetric p x p matrix given row-major (Householder and implicit QL of ml-matrix).
 * Only (A + A')/2 is used. A matrix with a NaN or an infinity gives NaN values and vectors. Throws when the length is not p^2.
 */
export function symmetricEigen(matrix: Float64Array, p: number): SymmetricEigen {
  if (matrix.length !== p * p)
    throw new RangeError(`symmetricEigen: ${matrix.length} entries are not a ${p} x ${p} matrix`);
  const values = new Float64Array(p);
  const vectors = new Float64Array(p * p);
  if (p === 0) return { values, vectors };
  if (!matrix.every(Number.isFinite)) return { values: values.fill(NaN), vectors: vectors.fill(NaN) };
  const symmetric = new Matrix(p, p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) symmetric.set(i, j, 0.5 * matrix[i * p + j] + 0.5 * matrix[j * p + i]);
  }
  const decomposition = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const columns = decomposition.eigenvectorMatrix;
  values.set(decomposition.realEigenvalues);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) vectors[i * p + j] = columns.get(i, j);
  }
  return { values, vectors };
}
