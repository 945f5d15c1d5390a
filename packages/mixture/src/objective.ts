import { BLOCK, type Kernels, type NormalRequest } from "@moe-rates/kernels";
import type { DataBlocks } from "./data-blocks.ts";
import { createEvaluator, evaluatorDoubles, type Evaluator } from "./evaluator.ts";
import type { MixtureModel } from "./model.ts";

/** Least-squares objective S(theta) = sum_i w_i (f_theta(x_i) - y_i)^2 of a model on data in kernel memory. */
export interface MixtureObjective {
  readonly model: MixtureModel;
  readonly data: DataBlocks;
  readonly kernels: Kernels;
  readonly evaluator: Evaluator;
  readonly dimension: number;
  readonly observations: number;
  /** Calls so far of `value`, `slope` and `derivatives`. */
  readonly evaluations: number;
  /** S(theta). */
  value(theta: Float64Array): number;
  /** Writes f_theta(x_i) of every observation into `out`. */
  fitted(theta: Float64Array, out: Float64Array): void;
  /** S(theta); gradient of S/2 = J'e. About two thirds of the work of `derivatives`. */
  slope(theta: Float64Array, gradient: Float64Array): number;
  /** S(theta); gradient of S/2 = J'e; `norms` the squared column norms of J unless null; `hessian` (row-major, symmetric): J'J, and with
   *  `second` the exact Hessian of S/2, J'J + sum_i w_i e_i f''(x_i). */
  derivatives(
    theta: Float64Array,
    gradient: Float64Array,
    norms: Float64Array | null,
    hessian: Float64Array,
    second: boolean,
  ): number;
}

/** Doubles that `createObjective` allocates beside the data. */
export function objectiveDoubles(model: MixtureModel, columns: number): number {
  const p = model.parameterCount;
  return evaluatorDoubles(model, 2) + ((columns * (columns + 1)) / 2 + 3) * BLOCK + p * (p + 3) + 64;
}

/** Binds a model to data in the same kernel memory; all buffers are allocated here. Throws when model and data do not fit together. */
export function createObjective(model: MixtureModel, data: DataBlocks, kernels: Kernels): MixtureObjective {
  if (model.inputDim !== data.inputDim)
    throw new RangeError(`the model has ${model.inputDim} inputs, the data ${data.inputDim}`);
  if (model.normalised && !data.normalised)
    throw new RangeError("the model needs x / |x| and the data were loaded without");
  const { memory } = kernels;
  const { f64 } = memory;
  const follows = firstChannelFollows(model);
  const evaluator = createEvaluator(model, kernels, 2, follows);
  const p = model.parameterCount;
  const thetaAt = memory.allocate(p);
  const gradientAt = memory.allocate(p);
  const normsAt = memory.allocate(p);
  const matrixAt = memory.allocate(p * p);
  const residual = memory.allocate(BLOCK);
  const scratch = memory.allocate(((data.columns * (data.columns + 1)) / 2 + 2) * BLOCK);
  const width = model.channels.length;
  const request = (from: 0 | 1, curved: boolean): NormalRequest => ({
    channels: model.channels.slice(from),
    dimension: p,
    scalars: evaluator.scalars + from * BLOCK,
    curvature: Int32Array.from({ length: (width - from) ** 2 }, (_, at) => {
      const [c, d] = [Math.floor(at / (width - from)) + from, (at % (width - from)) + from];
      return curved ? evaluator.curvature[c * width + d] : -1;
    }),
    basis: 0,
    columns: data.columns,
    weight: 0,
    scratch,
  });
  const every = request(0, false);
  const newton = request(follows ? 1 : 0, true);
  const needed = request(follows ? 1 : 0, false);
  let evaluations = 0;

  const rowsOf = (block: number): number => Math.min(BLOCK, data.observations - block * BLOCK);
  /** Evaluates a block; returns its part of S. Of the last block only the observations are evaluated: what its other rows hold counts for nothing, for their
   *  weight is 0. */
  const forward = (block: number, at: number, order: 0 | 1 | 2): number => {
    const rows = rowsOf(block);
    evaluator.forward(at, thetaAt, order, rows);
    kernels.subtract(residual, evaluator.regression, at + data.response, rows);
    return kernels.weightedSquares(residual, at + data.weightColumn, BLOCK);
  };

  return {
    model,
    data,
    kernels,
    evaluator,
    dimension: p,
    observations: data.observations,
    get evaluations() {
      return evaluations;
    },
    value(theta) {
      evaluations++;
      f64.set(theta, thetaAt);
      let sum = 0;
      for (let block = 0, at = data.address; block < data.blocks; block++, at += data.stride) {
        sum += forward(block, at, 0);
      }
      return sum;
    },
    fitted(theta, out) {
      f64.set(theta, thetaAt);
      for (let block = 0, at = data.address; block < data.blocks; block++, at += data.stride) {
        const from = block * BLOCK;
        const rows = rowsOf(block);
        evaluator.forward(at, thetaAt, 0, rows);
        out.set(f64.subarray(evaluator.regression, evaluator.regression + rows), from);
      }
    },
    slope(theta, gradient) {
      evaluations++;
      f64.set(theta, thetaAt);
      f64.fill(0, gradientAt, gradientAt + p);
      let sum = 0;
      for (let block = 0, at = data.address; block < data.blocks; block++, at += data.stride) {
        sum += forward(block, at, 1);
        needed.basis = at;
        needed.weight = at + data.weightColumn;
        kernels.gradient(needed, residual, gradientAt, -1);
      }
      for (let i = 0; i < p; i++) gradient[i] = f64[gradientAt + i];
      if (follows) fillFirstGate(model, gradient);
      return sum;
    },
    derivatives(theta, gradient, norms, hessian, second) {
      evaluations++;
      f64.set(theta, thetaAt);
      f64.fill(0, gradientAt, gradientAt + p);
      f64.fill(0, normsAt, normsAt + p);
      f64.fill(0, matrixAt, matrixAt + p * p);
      const update = second ? newton : every;
      const squares = second && norms ? normsAt : -1;
      const sloped = squares < 0 ? needed : every;
      let sum = 0;
      for (let block = 0, at = data.address; block < data.blocks; block++, at += data.stride) {
        sum += forward(block, at, second ? 2 : 1);
        sloped.basis = update.basis = at;
        sloped.weight = update.weight = at + data.weightColumn;
        kernels.gradient(sloped, residual, gradientAt, squares);
        kernels.normal(update, residual, matrixAt);
      }
      for (let i = 0; i < p; i++) {
        gradient[i] = f64[gradientAt + i];
        if (norms) norms[i] = second ? f64[normsAt + i] : f64[matrixAt + i * p + i];
        for (let j = i; j < p; j++) hessian[i * p + j] = hessian[j * p + i] = f64[matrixAt + i * p + j];
      }
      if (follows) fillFirstGate(model, gradient);
      if (follows && second) fillFirstChannel(model, hessian);
      return sum;
    },
  };
}

/** Most atoms for which the first gate's second derivatives are derived from the others'. Of three gates' derivatives no two can vanish without the
 *  third; with more, those of two light atoms could drown in the rounding errors of heavy ones. */
const MOST_FOLLOWED = 3;

function firstChannelFollows({ gating, atoms }: MixtureModel): boolean {
  return gating.firstChannelFollows === true && atoms <= MOST_FOLLOWED;
}

/** The first channel's part of the gradient: minus the sum of those of the other gates. */
function fillFirstGate({ channels, atoms }: MixtureModel, gradient: Float64Array): void {
  const [{ parameter: first, terms }] = channels;
  for (let t = 0; t < terms; t++) {
    let sum = 0;
    for (let c = 1; c < atoms; c++) sum -= gradient[channels[c].parameter + t];
    gradient[first + t] = sum;
  }
}

/** Rows and columns of the first channel: minus the sum of those of the other gates. */
function fillFirstChannel({ channels, atoms, parameterCount: p }: MixtureModel, hessian: Float64Array): void {
  const [{ parameter: first, terms }] = channels;
  const fill = (t: number, q: number): void => {
    let sum = 0;
    for (let c = 1; c < atoms; c++) sum -= hessian[(channels[c].parameter + t) * p + q];
    hessian[(first + t) * p + q] = hessian[q * p + first + t] = sum;
  };
  for (let t = 0; t < terms; t++) for (let q = 0; q < p; q++) if (q < first || q >= first + terms) fill(t, q);
  for (let t = 0; t < terms; t++) for (let u = t; u < terms; u++) fill(t, first + u);
}
