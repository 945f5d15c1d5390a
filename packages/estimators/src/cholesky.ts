/** Lower Cholesky factor of the leading m x m part of (matrix + shift I), row-major with row length `stride`, written into `factor`.
 *  Returns false, with `factor` unusable, when a pivot is not positive. */
export function cholesky(
  matrix: Float64Array,
  shift: number,
  m: number,
  stride: number,
  factor: Float64Array,
): boolean {
  for (let i = 0; i < m; i++) {
    const row = i * stride;
    for (let j = 0; j <= i; j++) {
      const other = j * stride;
      let sum = matrix[row + j];
      if (i === j) sum += shift;
      for (let l = 0; l < j; l++) sum -= factor[row + l] * factor[other + l];
      if (i === j) {
        if (!(sum > 0)) return false;
        factor[row + i] = Math.sqrt(sum);
      } else {
        factor[row + j] = sum / factor[other + j];
      }
    }
  }
  return true;
}

/** Solves L z = right in place. */
export function forwardSolve(factor: Float64Array, m: number, stride: number, right: Float64Array): void {
  for (let i = 0; i < m; i++) {
    let sum = right[i];
    for (let l = 0; l < i; l++) sum -= factor[i * stride + l] * right[l];
    right[i] = sum / factor[i * stride + i];
  }
}

/** Solves L' z = right in place. */
export function backwardSolve(factor: Float64Array, m: number, stride: number, right: Float64Array): void {
  for (let i = m - 1; i >= 0; i--) {
    let sum = right[i];
    for (let l = i + 1; l < m; l++) sum -= factor[l * stride + i] * right[l];
    right[i] = sum / factor[i * stride + i];
  }
}
