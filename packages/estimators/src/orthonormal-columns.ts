/** Orthonormal basis of the span of the columns (modified Gram-Schmidt, twice); a column is dropped when less than 1e-7 of its length
 *  remains. The input is overwritten. */
export function orthonormalColumns(columns: Float64Array[], m: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const before = length(column, m);
    if (!(before > 0) || !Number.isFinite(before)) continue;
    for (let pass = 0; pass < 2; pass++) {
      for (const unit of basis) {
        let dot = 0;
        for (let i = 0; i < m; i++) dot += unit[i] * column[i];
        for (let i = 0; i < m; i++) column[i] -= dot * unit[i];
      }
    }
    const after = length(column, m);
    if (after <= 1e-7 * before) continue;
    for (let i = 0; i < m; i++) column[i] /= after;
    basis.push(column);
  }
  return basis;
}

function length(column: Float64Array, m: number): number {
  let sum = 0;
  for (let i = 0; i < m; i++) sum += column[i] * column[i];
  return Math.sqrt(sum);
}
