/** Polytope of a least-squares problem: bounds, and groups of parameters that sum to zero. */
export interface Polytope {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly sumZero: readonly Int32Array[];
}

/** Minimiser of x'Hx/2 + g'x over a polytope for positive definite H (row-major p x p), by trying every choice of parameters held at a
 *  bound: 3^p linear systems, so for small p only. */
export function bruteForceQuadratic(
  hessian: Float64Array,
  gradient: Float64Array,
  polytope: Polytope,
): Float64Array {
  const p = gradient.length;
  let best: Float64Array = Float64Array.of();
  let lowest = Infinity;
  for (let code = 0; code < 3 ** p; code++) {
    const x = stationaryPoint(hessian, gradient, polytope, code);
    if (!x || !feasible(x, polytope)) continue;
    const value = quadratic(hessian, gradient, x);
    if (value < lowest) {
      lowest = value;
      best = x;
    }
  }
  return best;
}

/** x'Hx/2 + g'x. */
export function quadratic(hessian: Float64Array, gradient: Float64Array, x: Float64Array): number {
  const p = x.length;
  return x.reduce((sum, xi, i) => {
    const row = x.reduce((total, xj, j) => total + hessian[i * p + j] * xj, 0);
    return sum + xi * (gradient[i] + row / 2);
  }, 0);
}

/** The stationary point with the parameters of base-3 digit 1 at their lower and of digit 2 at their upper bound. */
function stationaryPoint(
  hessian: Float64Array,
  gradient: Float64Array,
  { lower, upper, sumZero }: Polytope,
  code: number,
): Float64Array | null {
  const p = gradient.length;
  const q = sumZero.length;
  const rows = Array.from({ length: p + q }, () => new Float64Array(p + q + 1));
  for (let i = 0; i < p; i++) {
    const digit = Math.floor(code / 3 ** i) % 3;
    const row = rows[i];
    if (digit > 0) {
      row[i] = 1;
      row[p + q] = digit === 1 ? lower[i] : upper[i];
      continue;
    }
    for (let j = 0; j < p; j++) row[j] = hessian[i * p + j];
    row[p + q] = -gradient[i];
    sumZero.forEach((group, g) => (row[p + g] = group.includes(i) ? 1 : 0));
  }
  sumZero.forEach((group, g) => {
    const held = group.every((i) => Math.floor(code / 3 ** i) % 3 > 0);
    if (held) rows[p + g][p + g] = 1;
    else for (const i of group) rows[p + g][i] = 1;
  });
  return solveLinear(rows)?.slice(0, p) ?? null;
}

function feasible(x: Float64Array, { lower, upper, sumZero }: Polytope): boolean {
  const slack = 1e-9;
  return (
    x.every((value, i) => value >= lower[i] - slack && value <= upper[i] + slack) &&
    sumZero.every((group) => Math.abs(group.reduce((sum, i) => sum + x[i], 0)) <= slack)
  );
}

/** Solves the system of augmented rows by elimination with row pivoting, null when it is singular. The rows are overwritten. */
export function solveLinear(rows: Float64Array[]): Float64Array | null {
  const m = rows.length;
  for (let c = 0; c < m; c++) {
    let pivot = c;
    for (let r = c + 1; r < m; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r;
    if (Math.abs(rows[pivot][c]) < 1e-12) return null;
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = 0; r < m; r++) {
      if (r === c) continue;
      const factor = rows[r][c] / rows[c][c];
      for (let k = c; k <= m; k++) rows[r][k] -= factor * rows[c][k];
    }
  }
  return Float64Array.from(rows, (row, i) => row[m] / row[i]);
}
