/**
 * Upper triangular R of a Householder QR factorisation of an n x p matrix given by columns, n >= 1: R'R = A'A, and ||A v|| = ||R v|| without
 * squaring the condition of A. Returned row-major p x p (rows beyond n are zero). The columns are copied, not changed.
 */
export function triangularFactor(columns: readonly Float64Array[]): Float64Array {
  const p = columns.length;
  const n = columns[0]?.length ?? 0;
  const a = columns.map((column) => column.slice());
  const r = new Float64Array(p * p);
  for (let k = 0; k < Math.min(n, p); k++) {
    const pivot = a[k];
    let square = 0;
    for (let i = k; i < n; i++) square += pivot[i] * pivot[i];
    const norm = Math.sqrt(square);
    if (norm === 0) {
      for (let j = k + 1; j < p; j++) r[k * p + j] = a[j][k];
      continue;
    }
    const alpha = pivot[k] > 0 ? -norm : norm;
    const head = pivot[k] - alpha;
    const tau = square - alpha * pivot[k];
    r[k * p + k] = alpha;
    pivot[k] = head;
    for (let j = k + 1; j < p; j++) {
      const column = a[j];
      let dot = 0;
      for (let i = k; i < n; i++) dot += pivot[i] * column[i];
      const factor = dot / tau;
      for (let i = k; i < n; i++) column[i] -= factor * pivot[i];
      r[k * p + j] = column[k];
    }
  }
  return r;
}
