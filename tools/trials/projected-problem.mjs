/** @typedef {import("../../packages/estimators/dist/index.js").LeastSquaresProblem} Problem */

const RIDGE = 1e-12;
const SWEEPS = 200;

/** Variable projection: a least-squares problem in the parameters beta alone, r(beta) = min over gamma in its box of S(beta, gamma), where the residuals are
 *  linear in gamma (the indices `linear`). The inner minimum is a quadratic program in the exact normal equations of gamma. At it, with F the coordinates of
 *  gamma inside their bounds, the derivatives of r / 2 are g_beta and the Schur complement H_bb - H_bF H_FF^-1 H_Fb of the exact Hessian (Golub and
 *  Pereyra 1973, without their approximations). `spent` counts CPU seconds of the inner problems, `gammaOf` gives all parameters at beta.
 *  @param {Problem} full @param {readonly number[]} linear @param {() => number} clock */
export function projectedProblem(full, linear, clock) {
  const p = full.dimension;
  const m = linear.length;
  const outer = Array.from({ length: p }, (_, i) => i).filter((i) => !linear.includes(i));
  const q = outer.length;
  const theta = new Float64Array(p);
  const gradient = new Float64Array(p);
  const norms = new Float64Array(p);
  const hessian = new Float64Array(p * p);
  const gram = new Float64Array(m * m);
  const gamma = new Float64Array(m);
  let spent = 0;

  /** Fills `theta` with beta and the best gamma. @param {Float64Array} beta */
  const project = (beta) => {
    const begun = clock();
    outer.forEach((i, b) => (theta[i] = beta[b]));
    full.derivatives(theta, gradient, norms, hessian, false);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) gram[a * m + b] = hessian[linear[a] * p + linear[b]];
    /* The model of S/2 around the present gamma is exact: minimise gamma'G gamma / 2 - c'gamma. */
    const c = Float64Array.from(linear, (i, a) => {
      let sum = -gradient[i];
      for (let b = 0; b < m; b++) sum += gram[a * m + b] * theta[linear[b]];
      return sum;
    });
    boxedQuadratic(gram, c, full, linear, gamma);
    linear.forEach((i, a) => (theta[i] = gamma[a]));
    spent += clock() - begun;
  };

  /** @type {Problem} */
  const problem = {
    dimension: q,
    observations: full.observations,
    lower: Float64Array.from(outer, (i) => full.lower[i]),
    upper: Float64Array.from(outer, (i) => full.upper[i]),
    sumZero: full.sumZero.map((group) => Int32Array.from(group, (i) => outer.indexOf(i))),
    value(beta) {
      project(beta);
      return full.value(theta);
    },
    derivatives(beta, outGradient, outNorms, outHessian, second) {
      project(beta);
      const sse = full.derivatives(theta, gradient, norms, hessian, second);
      const begun = clock();
      outer.forEach((i, a) => {
        outGradient[a] = gradient[i];
        outNorms[a] = norms[i];
      });
      const free = linear.filter((i) => theta[i] > full.lower[i] && theta[i] < full.upper[i]);
      schurComplement(hessian, p, outer, free, outHessian);
      spent += clock() - begun;
      return sse;
    },
  };
  return {
    problem,
    outer,
    spent: () => spent,
    /** @param {Float64Array} beta */
    allAt(beta) {
      project(beta);
      return theta.slice();
    },
  };
}

/** min gamma'G gamma / 2 - c'gamma over the box: by Cholesky where that lies inside, else by coordinate descent from its clipped solution.
 *  @param {Float64Array} gram @param {Float64Array} c @param {Problem} full @param {readonly number[]} linear @param {Float64Array} gamma */
function boxedQuadratic(gram, c, full, linear, gamma) {
  const m = linear.length;
  const factor = cholesky(gram, m);
  solveCholesky(factor, m, c, gamma);
  let inside = true;
  linear.forEach((i, a) => {
    const clipped = Math.min(full.upper[i], Math.max(full.lower[i], gamma[a]));
    if (clipped !== gamma[a]) inside = false;
    gamma[a] = clipped;
  });
  for (let sweep = 0; !inside && sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (let a = 0; a < m; a++) {
      let slope = c[a];
      for (let b = 0; b < m; b++) slope -= gram[a * m + b] * gamma[b];
      const wanted = gamma[a] + slope / Math.max(gram[a * m + a], 1e-300);
      const next = Math.min(full.upper[linear[a]], Math.max(full.lower[linear[a]], wanted));
      moved = Math.max(moved, Math.abs(next - gamma[a]));
      gamma[a] = next;
    }
    if (moved < 1e-10) break;
  }
}

/** out = H_oo - H_of H_ff^-1 H_fo. @param {Float64Array} hessian @param {number} p @param {readonly number[]} outer @param {readonly number[]} free @param {Float64Array} out */
function schurComplement(hessian, p, outer, free, out) {
  const q = outer.length;
  const f = free.length;
  const inner = new Float64Array(f * f);
  for (let a = 0; a < f; a++) for (let b = 0; b < f; b++) inner[a * f + b] = hessian[free[a] * p + free[b]];
  const factor = cholesky(inner, f);
  const column = new Float64Array(f);
  const solved = new Float64Array(f);
  for (let b = 0; b < q; b++) {
    for (let a = 0; a < f; a++) column[a] = hessian[free[a] * p + outer[b]];
    solveCholesky(factor, f, column, solved);
    for (let a = 0; a < q; a++) {
      let sum = hessian[outer[a] * p + outer[b]];
      for (let c = 0; c < f; c++) sum -= hessian[outer[a] * p + free[c]] * solved[c];
      out[a * q + b] = sum;
    }
  }
  for (let a = 0; a < q; a++)
    for (let b = 0; b < a; b++) out[a * q + b] = out[b * q + a] = 0.5 * (out[a * q + b] + out[b * q + a]);
}

/** Lower Cholesky factor with a ridge of RIDGE times the largest diagonal entry. @param {Float64Array} matrix @param {number} m */
function cholesky(matrix, m) {
  let largest = 0;
  for (let a = 0; a < m; a++) largest = Math.max(largest, matrix[a * m + a]);
  const ridge = RIDGE * Math.max(largest, 1e-300);
  const factor = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a * m + b] + (a === b ? ridge : 0);
      for (let c = 0; c < b; c++) sum -= factor[a * m + c] * factor[b * m + c];
      factor[a * m + b] = a === b ? Math.sqrt(Math.max(sum, ridge)) : sum / factor[b * m + b];
    }
  }
  return factor;
}

/** @param {Float64Array} factor @param {number} m @param {Float64Array} right @param {Float64Array} out */
function solveCholesky(factor, m, right, out) {
  for (let a = 0; a < m; a++) {
    let sum = right[a];
    for (let c = 0; c < a; c++) sum -= factor[a * m + c] * out[c];
    out[a] = sum / factor[a * m + a];
  }
  for (let a = m - 1; a >= 0; a--) {
    let sum = out[a];
    for (let c = a + 1; c < m; c++) sum -= factor[c * m + a] * out[c];
    out[a] = sum / factor[a * m + a];
  }
}
