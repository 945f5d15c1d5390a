import type { LeastSquaresProblem } from "./problem.ts";

/** The model on the free set. Parameters held at a bound drop out; in every sum-zero group the last free parameter is minus the sum
 *  of the others; every remaining direction is scaled by the norm of its Jacobian column. */
export interface ReductionWorkspace {
  /** Free parameter of each reduced direction, and the parameter it is compensated by (-1 outside groups). */
  readonly index: Int32Array;
  readonly partner: Int32Array;
  readonly scale: Float64Array;
  /** 1 where the parameter is held at a bound. */
  readonly held: Uint8Array;
  /** Mean gradient over the free members of the parameter's group (0 outside groups): the multiplier of the sum-zero constraint. */
  readonly multiplier: Float64Array;
  readonly group: Int32Array;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

export function reductionWorkspace({ dimension: p, sumZero }: LeastSquaresProblem): ReductionWorkspace {
  const group = new Int32Array(p).fill(-1);
  sumZero.forEach((members, g) => members.forEach((i) => (group[i] = g)));
  return {
    index: new Int32Array(p),
    partner: new Int32Array(p),
    scale: new Float64Array(p),
    held: new Uint8Array(p),
    multiplier: new Float64Array(p),
    group,
    gradient: new Float64Array(p),
    hessian: new Float64Array(p * p),
  };
}

/** Chooses the free set: a parameter at a bound is held when the gradient, less its group's multiplier, pushes outward. Returns the
 *  number of reduced directions. */
export function freeDirections(
  problem: LeastSquaresProblem,
  theta: Float64Array,
  gradient: Float64Array,
  space: ReductionWorkspace,
): number {
  const { dimension: p, lower, upper, sumZero } = problem;
  const { held, multiplier } = space;
  multiplier.fill(0);
  for (let i = 0; i < p; i++) held[i] = atBound(theta[i], gradient[i], lower[i], upper[i]) ? 1 : 0;
  for (const members of sumZero) {
    let sum = 0;
    let count = 0;
    for (const i of members) {
      if (held[i] === 1 || theta[i] <= lower[i] || theta[i] >= upper[i]) continue;
      sum += gradient[i];
      count++;
    }
    const mean = count > 0 ? sum / count : 0;
    for (const i of members) {
      multiplier[i] = mean;
      held[i] = atBound(theta[i], gradient[i] - mean, lower[i], upper[i]) ? 1 : 0;
    }
  }
  return directionsOfFree(problem, space);
}

/** Reduced directions of the parameters that are not held; returns their number. */
export function directionsOfFree(
  { dimension: p, lower, upper, sumZero }: LeastSquaresProblem,
  { held, group, index, partner }: ReductionWorkspace,
): number {
  let m = 0;
  for (let i = 0; i < p; i++) {
    if (held[i] === 1 || lower[i] === upper[i]) continue;
    let last = -1;
    if (group[i] >= 0) {
      for (const j of sumZero[group[i]]) if (held[j] === 0) last = j;
      if (last === i) continue;
    }
    index[m] = i;
    partner[m] = last;
    m++;
  }
  return m;
}

function atBound(value: number, slope: number, low: number, high: number): boolean {
  return (value <= low && slope > 0) || (value >= high && slope < 0);
}

/** Reduced gradient and Hessian of the m free directions, scaled by the roots of `squares` (squared column norms, at least `floor`); returns the largest cosine |J_j'e| / (|J_j| |e|) over them. */
export function reduceModel(
  { dimension: p }: LeastSquaresProblem,
  state: { gradient: Float64Array; norms: Float64Array; hessian: Float64Array; sse: number },
  m: number,
  space: ReductionWorkspace,
  squares: Float64Array = state.norms,
  floor = 1e-14 * state.sse,
): number {
  const { gradient, norms, hessian, sse } = state;
  const { index, partner, scale, multiplier } = space;
  let cosine = 0;
  for (let a = 0; a < m; a++) {
    const i = index[a];
    const j = partner[a];
    const norm = squares[i] + (j >= 0 ? squares[j] : 0);
    scale[a] = 1 / Math.sqrt(Math.max(norm, floor, Number.MIN_VALUE));
    space.gradient[a] = (gradient[i] - (j >= 0 ? gradient[j] : 0)) * scale[a];
    if (norms[i] > 0 && sse > 0)
      cosine = Math.max(cosine, Math.abs(gradient[i] - multiplier[i]) / Math.sqrt(norms[i] * sse));
    if (j >= 0 && norms[j] > 0 && sse > 0) {
      cosine = Math.max(cosine, Math.abs(gradient[j] - multiplier[j]) / Math.sqrt(norms[j] * sse));
    }
  }
  for (let a = 0; a < m; a++) {
    const i = index[a];
    const ip = partner[a];
    for (let b = a; b < m; b++) {
      const j = index[b];
      const jp = partner[b];
      let value = hessian[i * p + j];
      if (ip >= 0) value -= hessian[ip * p + j];
      if (jp >= 0) value -= hessian[i * p + jp];
      if (ip >= 0 && jp >= 0) value += hessian[ip * p + jp];
      value *= scale[a] * scale[b];
      space.hessian[a * p + b] = space.hessian[b * p + a] = value;
    }
  }
  return cosine;
}

/** Step in the full space of a reduced step. */
export function spreadStep(
  { dimension: p }: LeastSquaresProblem,
  m: number,
  reduced: Float64Array,
  { index, partner, scale }: ReductionWorkspace,
  step: Float64Array,
): void {
  for (let i = 0; i < p; i++) step[i] = 0;
  for (let a = 0; a < m; a++) {
    const move = reduced[a] * scale[a];
    step[index[a]] += move;
    if (partner[a] >= 0) step[partner[a]] -= move;
  }
}
