import { backwardSolve, cholesky, forwardSolve } from "./cholesky.ts";

/** Buffers of `trustRegionStep` for problems of up to `capacity` variables. */
export interface StepWorkspace {
  readonly factor: Float64Array;
  readonly work: Float64Array;
}

export function stepWorkspace(capacity: number): StepWorkspace {
  return { factor: new Float64Array(capacity * capacity), work: new Float64Array(capacity) };
}

/** Outcome of `trustRegionStep`: the multiplier of |s| = radius, or -1 when no factorisation succeeded. 0 is an interior Newton step. */
export type Multiplier = number;

/** Minimises g's + s'Hs/2 over |s| <= radius (More and Sorensen 1983): s = -(H + lambda I)^-1 g with the smallest lambda >= 0 that
 *  makes H + lambda I positive definite and |s| <= radius (within 10 %). H is m x m, row-major with row length `stride`.
 *  In the hard case the step is shorter than the radius; it still reduces the model. */
export function trustRegionStep(
  hessian: Float64Array,
  gradient: Float64Array,
  m: number,
  stride: number,
  radius: number,
  step: Float64Array,
  { factor, work }: StepWorkspace,
): Multiplier {
  let gradientNorm = 0;
  let diagonalLow = Infinity;
  let bound = 0;
  for (let i = 0; i < m; i++) {
    gradientNorm += gradient[i] * gradient[i];
    diagonalLow = Math.min(diagonalLow, hessian[i * stride + i]);
    let row = 0;
    for (let j = 0; j < m; j++) row += Math.abs(hessian[i * stride + j]);
    bound = Math.max(bound, row);
  }
  gradientNorm = Math.sqrt(gradientNorm);
  const tiny = 1e-14 * (bound + Number.MIN_VALUE);
  let low = Math.max(0, -diagonalLow);
  let high = Math.max(gradientNorm / radius + bound, 1e-300);
  let lambda = 0;
  let solved = -1;
  for (let attempt = 0; attempt < 40; attempt++) {
    if (attempt > 0 || low > 0) {
      if (!(lambda > low) || !(lambda < high))
        lambda = Math.max(Math.sqrt(low * high), low + 0.1 * (high - low) * (attempt === 0 ? 0.01 : 1));
    }
    if (!cholesky(hessian, lambda + tiny, m, stride, factor)) {
      low = Math.max(low, lambda);
      lambda = low === 0 ? 1e-6 * high : -1;
      continue;
    }
    for (let i = 0; i < m; i++) work[i] = -gradient[i];
    forwardSolve(factor, m, stride, work);
    backwardSolve(factor, m, stride, work);
    let length = 0;
    for (let i = 0; i < m; i++) length += work[i] * work[i];
    length = Math.sqrt(length);
    if (length <= 1.1 * radius) {
      step.set(work);
      solved = lambda;
      if (lambda === 0 || length >= 0.9 * radius) return lambda;
      high = Math.min(high, lambda);
      if (high - low <= 1e-3 * high) return lambda;
    } else {
      low = Math.max(low, lambda);
    }
    forwardSolve(factor, m, stride, work);
    let squares = 0;
    for (let i = 0; i < m; i++) squares += work[i] * work[i];
    lambda += ((length * length) / squares) * ((length - radius) / radius);
  }
  return solved;
}
