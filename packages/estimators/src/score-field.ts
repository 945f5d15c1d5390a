import { BLOCK, type Kernels, type NormalRequest } from "@moe-rates/kernels";
import {
  createEvaluator,
  type DataBlocks,
  type MixtureModel,
  type MixtureObjective,
} from "@moe-rates/mixture";
import { interceptIndex, interceptUnit } from "./atom-layout.ts";
import { fitColumns } from "./fit-columns.ts";
import { orthonormalColumns } from "./orthonormal-columns.ts";

/** Predicted gain of adding one atom to a fit, as a function of that atom's parameters (the parameters of the one-atom model).
 *
 *  The atom changes f by u: with a normalised gate u = p (h - f) with p = sigma(s - log Z), s its score and Z the total of the fit;
 *  without normalisation u = p h. (Under top-K gates the atom competes with those that are active at x: an approximation.)
 *  After a linearised refit of the other parameters the sum of squares falls by
 *  G = 2 sum e u - |u_perp|^2, u_perp the part of u orthogonal to the Jacobian columns of the fit, e = y - f; sums are weighted.
 *  Added to group g of a two-level gate u = P_g p (h - f_g), p = sigma(s - log Z_g), Z_g and f_g the group's own.
 *  For small masses m, u is about m exp(s)(h - f)/Z and the maximum of G over m is T^2, T = sum e u / |u_perp| the projected score;
 *  unlike T, G stays true where the new atom takes over a region. */
export interface ScoreField {
  readonly single: MixtureModel;
  /** G at `point`, and its gradient; -Infinity where 2 sum e u, which G never exceeds, is not above `floor`. */
  gain(point: Float64Array, gradient: Float64Array | null, floor?: number): number;
  /** u_perp / |u_perp| at `point`: two atoms with nearly the same direction are on the same hill. */
  direction(point: Float64Array): Float64Array;
  /** beta0 of the mass that maximises the small-mass expansion of G at the other parameters of `point`; null when the projected score
   *  is not positive or beta0 does not shift the score. */
  smallMassIntercept(point: Float64Array): number | null;
  /** beta0 at which the atom takes half of the weight at screening observation `row`; null where beta0 does not shift the score. */
  halfWeightIntercept(point: Float64Array, row: number): number | null;
}

/** Most basis columns that one channel of the projection holds. */
const CHUNK = 32;

/** Doubles of kernel memory that a field allocates for a fit with p parameters on so many blocks. */
export function scoreFieldDoubles(single: MixtureModel, parameters: number, blocks: number): number {
  const chunks = Math.ceil((parameters + 1) / CHUNK);
  const perBlock = parameters + 6;
  return (
    (blocks * perBlock + 3 * single.channels.length + (single.gating.scratchColumns ?? 0) + chunks + 13) *
      BLOCK +
    4 * (parameters + single.parameterCount) +
    64
  );
}

export function createScoreField(request: {
  kernels: Kernels;
  data: DataBlocks;
  objective: MixtureObjective;
  theta: Float64Array;
  single: MixtureModel;
  /** Group that gets the atom, null where the gate of the fit has one level. */
  group?: number | null;
}): ScoreField {
  const { kernels, data, objective, theta, single } = request;
  const { memory } = kernels;
  const { f64 } = memory;
  const fit = fitColumns(objective, theta, request.group ?? null);
  const units = orthonormalColumns(fit.jacobian, data.blocks * BLOCK);
  const width = units.length + 1;
  const { gating } = single;
  const { scores } = gating;
  const intercept = scores && gating.gauge !== "none" ? interceptIndex(single, 0) : -1;

  /* Columns of a block: orthonormal basis, e (both rooted by the weight), root weight (times P_g), f or f_g, log Z, u, rooted p. */
  const at = {
    e: units.length * BLOCK,
    root: width * BLOCK,
    f: (width + 1) * BLOCK,
    log: (width + 2) * BLOCK,
  };
  const own = { u: (width + 3) * BLOCK, p: (width + 4) * BLOCK };
  const stride = (width + 5) * BLOCK;
  const store = memory.allocate(data.blocks * stride);
  for (let block = 0; block < data.blocks; block++) {
    const from = block * BLOCK;
    const copy = (column: Float64Array, to: number) =>
      f64.set(column.subarray(from, from + BLOCK), store + block * stride + to);
    units.forEach((unit, t) => copy(unit, t * BLOCK));
    copy(fit.residual, at.e);
    copy(fit.share, at.root);
    copy(fit.regression, at.f);
    copy(fit.logTotal, at.log);
  }
  const evaluator = createEvaluator(single, kernels, 1);
  const { gate } = evaluator;
  const score = scores ? scores.value(gate, 0) : -1;
  const pointAt = memory.allocate(single.parameterCount);
  const slopesAt = memory.allocate(single.parameterCount);
  const productsAt = memory.allocate(width);
  const scratch = memory.allocate(2 * BLOCK);
  const pull = memory.allocate(BLOCK);
  const difference = memory.allocate(BLOCK);
  const chunks = Math.ceil(width / CHUNK);
  const ones = memory.allocate(chunks * BLOCK);
  f64.fill(1, ones, ones + chunks * BLOCK);
  const scalars = memory.allocate(single.channels.length * BLOCK);
  const zeros = memory.allocate(BLOCK);
  const none = new Int32Array(Math.max(chunks, single.channels.length) ** 2).fill(-1);
  const projection: NormalRequest = {
    channels: Array.from({ length: chunks }, (_, c) => ({
      basis: c * CHUNK,
      terms: Math.min(CHUNK, width - c * CHUNK),
      parameter: c * CHUNK,
    })),
    dimension: width,
    scalars: ones,
    curvature: none,
    basis: 0,
    columns: width,
    weight: ones,
    scratch,
  };
  const residualOnly: NormalRequest = {
    ...projection,
    channels: [{ basis: units.length, terms: 1, parameter: units.length }],
    curvature: none.subarray(0, 1),
  };
  const slopes: NormalRequest = {
    channels: single.channels,
    dimension: single.parameterCount,
    scalars,
    curvature: none,
    basis: 0,
    columns: data.columns,
    weight: ones,
    scratch,
  };

  /** u = rooted p times (h - f), or times h, of one block. */
  const fillBlock = (block: number, order: 0 | 1): void => {
    const base = store + block * stride;
    evaluator.forward(data.address + block * data.stride, pointAt, order);
    if (scores) {
      kernels.subtract(base + own.p, score, base + at.log, BLOCK);
      kernels.activation("logistic", base + own.p, BLOCK, 0, base + own.p, -1, -1);
      kernels.subtract(difference, evaluator.experts, base + at.f, BLOCK);
      kernels.multiply(base + own.p, base + own.p, base + at.root, BLOCK);
      kernels.multiply(base + own.u, base + own.p, difference, BLOCK);
    } else {
      kernels.multiply(base + own.u, evaluator.regression, base + at.root, BLOCK);
    }
  };

  /** Products of u with the basis and with e at `productsAt`; returns |u|^2. */
  const productsOfBlocks = (): number => {
    f64.fill(0, productsAt, productsAt + width);
    let square = 0;
    for (let block = 0; block < data.blocks; block++) {
      const base = store + block * stride;
      square += kernels.weightedSquares(base + own.u, ones, BLOCK);
      projection.basis = base;
      kernels.gradient(projection, base + own.u, productsAt, -1);
    }
    return square;
  };
  const fill = (point: Float64Array): void => {
    f64.set(point, pointAt);
    for (let block = 0; block < data.blocks; block++) fillBlock(block, 0);
  };
  /** Whether 2 sum e u of the columns u is above `floor`. */
  const mayExceed = (floor: number): boolean => {
    const at = productsAt + units.length;
    f64[at] = 0;
    for (let block = 0; block < data.blocks; block++) {
      residualOnly.basis = store + block * stride;
      kernels.gradient(residualOnly, residualOnly.basis + own.u, productsAt, -1);
    }
    return 2 * f64[at] > floor;
  };
  const inner = (): number => f64[productsAt + units.length];
  const projected = (): number => {
    let sum = 0;
    for (let t = 0; t < units.length; t++) sum += f64[productsAt + t] ** 2;
    return sum;
  };

  /** u less its projection, times -1, plus `residuals` times e, of one block into `out`. */
  const perpendicular = (block: number, residuals: number, out: number): void => {
    const base = store + block * stride;
    f64[productsAt + units.length] = residuals;
    kernels.affine(out, base, BLOCK, width, productsAt, BLOCK);
    kernels.subtract(out, out, base + own.u, BLOCK);
  };

  const writeGradient = (gradient: Float64Array): void => {
    f64.fill(0, slopesAt, slopesAt + single.parameterCount);
    for (let block = 0; block < data.blocks; block++) {
      const base = store + block * stride;
      fillBlock(block, 1);
      perpendicular(block, 1, pull);
      single.channels.forEach((channel, c) => {
        const scalar = scalars + c * BLOCK;
        if (!scores) kernels.multiply(scalar, evaluator.scalars + c * BLOCK, base + at.root, BLOCK);
        else if (channel.part === "expert")
          kernels.multiply(scalar, evaluator.scalars + c * BLOCK, base + own.p, BLOCK);
        else {
          kernels.subtract(scalar, score, base + at.log, BLOCK);
          kernels.activation("logistic", scalar, BLOCK, 1, difference, scalar, -1);
          kernels.subtract(difference, evaluator.experts, base + at.f, BLOCK);
          kernels.multiply(scalar, scalar, difference, BLOCK);
          kernels.multiply(scalar, scalar, base + at.root, BLOCK);
          const position = scores.own(0).indexOf(c);
          const slope = position < 0 ? zeros : scores.first(gate, 0, position);
          if (slope !== null) kernels.multiply(scalar, scalar, slope, BLOCK);
        }
      });
      slopes.basis = data.address + block * data.stride;
      kernels.gradient(slopes, pull, slopesAt, -1);
    }
    for (let i = 0; i < gradient.length; i++) gradient[i] = 2 * f64[slopesAt + i];
  };

  return {
    single,
    gain(point, gradient, floor = -Infinity) {
      fill(point);
      if (floor > -Infinity && !mayExceed(floor)) return -Infinity;
      const square = productsOfBlocks();
      const value = 2 * inner() - (square - projected());
      gradient?.fill(0);
      if (!Number.isFinite(value)) return -Infinity;
      if (gradient !== null) writeGradient(gradient);
      return value;
    },
    direction(point) {
      fill(point);
      const length = Math.sqrt(Math.max(0, productsOfBlocks() - projected()));
      const out = new Float64Array(data.blocks * BLOCK);
      for (let block = 0; block < data.blocks; block++) {
        perpendicular(block, 0, pull);
        for (let i = 0; i < BLOCK; i++) out[block * BLOCK + i] = length > 0 ? -f64[pull + i] / length : 0;
      }
      return out;
    },
    smallMassIntercept(point) {
      if (intercept < 0) return null;
      f64.set(point, pointAt);
      let shift = -Infinity;
      for (let block = 0; block < data.blocks; block++) {
        const base = store + block * stride;
        evaluator.forward(data.address + block * data.stride, pointAt, 0);
        kernels.subtract(base + own.p, score, base + at.log, BLOCK);
        kernels.subtract(base + own.u, evaluator.experts, base + at.f, BLOCK);
        kernels.multiply(base + own.u, base + own.u, base + at.root, BLOCK);
        for (let i = 0; i < BLOCK; i++) {
          const value = f64[base + own.p + i];
          if (value > shift && f64[base + at.root + i] > 0) shift = value;
        }
      }
      f64.fill(shift, pull, pull + BLOCK);
      for (let block = 0; block < data.blocks; block++) {
        const base = store + block * stride;
        kernels.subtract(base + own.p, base + own.p, pull, BLOCK);
        kernels.exp(base + own.p, base + own.p, BLOCK);
        kernels.multiply(base + own.u, base + own.u, base + own.p, BLOCK);
      }
      const raw = productsOfBlocks();
      const square = raw - projected();
      const product = inner();
      const unit = interceptUnit(single, point);
      return product > 0 && square > 1e-10 * raw
        ? point[intercept] + unit * Math.log(product / square) - unit * shift
        : null;
    },
    halfWeightIntercept(point, row) {
      if (intercept < 0) return null;
      f64.set(point, pointAt);
      f64[pointAt + intercept] = 0;
      evaluator.forward(data.address + Math.floor(row / BLOCK) * data.stride, pointAt, 0);
      return (fit.logTotal[row] - f64[score + (row % BLOCK)]) * interceptUnit(single, point);
    },
  };
}
