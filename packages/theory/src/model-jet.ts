import { BLOCK, referenceKernels } from "@moe-rates/kernels";
import {
  createEvaluator,
  dataDoubles,
  evaluatorDoubles,
  loadData,
  type MixtureModel,
} from "@moe-rates/mixture";

/** Points at which functions of x are compared: column-major, count x d. */
export interface Points {
  readonly points: Float64Array;
  readonly count: number;
}

/** A model with its analytic derivatives over fixed points. */
export interface ModelJet {
  readonly value: Float64Array;
  /** df/dtheta_i, one column per parameter. */
  readonly jacobian: readonly Float64Array[];
  /** d2f/(dtheta_i dtheta_j); a column of zeros where it vanishes identically. Needs order 2. */
  hessian(i: number, j: number): Float64Array;
}

/** Evaluates f_G and its derivatives in all parameters, up to second order, at every point. */
export function modelJet(
  model: MixtureModel,
  theta: Float64Array,
  { points, count }: Points,
  order: 1 | 2 = 2,
): ModelJet {
  const { inputDim, normalised, channels, parameterCount } = model;
  const kernels = referenceKernels(
    evaluatorDoubles(model, order) + dataDoubles(count, inputDim, normalised) + parameterCount + 4 * BLOCK,
  );
  const { f64 } = kernels.memory;
  const data = loadData(kernels, { x: points, y: new Float64Array(count), inputDim, normalised });
  const evaluator = createEvaluator(model, kernels, order);
  const thetaAt = kernels.memory.allocate(parameterCount);
  f64.set(theta, thetaAt);
  const columns = (width: number) => Array.from({ length: width }, () => new Float64Array(count));
  const value = new Float64Array(count);
  const basis = columns(data.columns);
  const scalars = columns(channels.length);
  const width = channels.length;
  const curvature = Array.from(evaluator.curvature, (address) =>
    order === 2 && address >= 0 ? new Float64Array(count) : null,
  );
  for (let block = 0; block < data.blocks; block++) {
    const from = block * BLOCK;
    const size = Math.min(BLOCK, count - from);
    const at = data.address + block * data.stride;
    evaluator.forward(at, thetaAt, order);
    const copy = (column: Float64Array, address: number) =>
      column.set(f64.subarray(address, address + size), from);
    copy(value, evaluator.regression);
    basis.forEach((column, t) => copy(column, at + t * BLOCK));
    scalars.forEach((column, c) => copy(column, evaluator.scalars + c * BLOCK));
    curvature.forEach((column, pair) => column && copy(column, evaluator.curvature[pair]));
  }
  const place = channels.flatMap((channel, c) =>
    Array.from({ length: channel.terms }, (_, t) => ({
      parameter: channel.parameter + t,
      channel: c,
      basis: channel.basis + t,
    })),
  );
  place.sort((a, b) => a.parameter - b.parameter);
  return {
    value,
    jacobian: place.map(({ channel, basis: t }) => scalars[channel].map((scalar, i) => scalar * basis[t][i])),
    hessian(i, j) {
      const [left, right] =
        place[i].channel <= place[j].channel ? [place[i], place[j]] : [place[j], place[i]];
      const column = curvature[left.channel * width + right.channel];
      if (!column) return new Float64Array(count);
      const [x, z] = [basis[left.basis], basis[right.basis]];
      return column.map((second, row) => second * x[row] * z[row]);
    },
  };
}
