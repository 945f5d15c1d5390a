import { BLOCK, type NormalRequest } from "@moe-rates/kernels";
import { type Stream, symmetricEigen } from "@moe-rates/math";
import type { MixtureModel, MixtureObjective, ModelChannel } from "@moe-rates/mixture";
import {
  atomPlaces,
  copyAtom,
  copyAtoms,
  groupOf,
  interceptIndex,
  interceptUnit,
  isShared,
  slopeIndex,
} from "./atom-layout.ts";
import type { FitData } from "./screening-data.ts";

/** Two-for-one replacement of an atom along a direction of its slopes and expert parameters. */
export interface SplitDirection {
  readonly atom: number;
  /** Largest eigenvalue of the scaled splitting matrix: the sum of squares falls by about this per unit step. */
  readonly eigenvalue: number;
  /** Indices into theta of the (k-1)-atom fit and the step of each. */
  readonly indices: Int32Array;
  readonly step: Float64Array;
}

/** Splitting matrices (the idea of splitting steepest descent) of a normalised gate with scores s_j, in the atom's own parameters but beta0:
 *  S_j = sum e [[r_j (s_ja s_jb + s_jab), p_j s_ja grad h'], [., p_j hess h]] with e = y - f, for softmax [[r_j x x', p_j x grad h'], [., p_j hess h]]:
 *  the leading direction of every atom, scaled by the norms of the Jacobian columns. With two levels f is that of the atom's group, and an
 *  atom alone in its group splits along its expert's parameters only. Throws a RangeError on gates that are not normalised. */
export function splitDirections(objective: MixtureObjective, theta: Float64Array): SplitDirection[] {
  const { model, data, kernels, evaluator } = objective;
  const { memory } = kernels;
  const { f64 } = memory;
  const mark = memory.mark();
  const p = model.parameterCount;
  const thetaAt = memory.allocate(p);
  f64.set(theta, thetaAt);
  const zero = memory.allocate(model.channels.length * BLOCK);
  const residual = memory.allocate(BLOCK);
  const scratch = memory.allocate(((data.columns * (data.columns + 1)) / 2 + 2) * BLOCK);
  const { scores } = model.gating;
  if (!scores) throw new RangeError("splitting directions need a normalised gate");
  const { gate } = evaluator;
  const products: { out: number; left: number; right: number; bend: number | null; pull: number }[] = [];
  const count = model.channels.length;
  const plans = Array.from({ length: model.atoms }, (_, atom) => {
    const alone = model.gating.groups?.[groupOf(model, atom)] === 1;
    const members = model.channels.flatMap((channel, c) =>
      channel.atom === atom && splitTerms(channel) > 0 && !(alone && channel.part === "gate") ? [c] : [],
    );
    const own = scores.own(atom);
    let parameter = 0;
    const channels = members.map((c) => {
      const channel = model.channels[c];
      const terms = splitTerms(channel);
      const placed = { basis: channel.basis, terms, parameter };
      parameter += terms;
      return placed;
    });
    const curvature = new Int32Array(members.length ** 2).fill(-1);
    members.forEach((c, a) => {
      members.forEach((d, b) => {
        if (b < a) return;
        const [left, right] = [model.channels[c], model.channels[d]];
        const at = a * members.length + b;
        if (left.part === "expert") {
          curvature[at] = evaluator.curvature[c * count + d];
          return;
        }
        const slope = scores.first(gate, atom, own.indexOf(c));
        const scalar = evaluator.scalars + d * BLOCK;
        if (slope === null) {
          curvature[at] = scalar;
          return;
        }
        const bend = right.part === "gate" ? scores.second(gate, atom, own.indexOf(c), own.indexOf(d)) : null;
        curvature[at] = memory.allocate(BLOCK);
        products.push({
          out: curvature[at],
          left: slope,
          right: scalar,
          bend,
          pull: scores.pull(gate, atom),
        });
      });
    });
    const request: NormalRequest = {
      channels,
      dimension: parameter,
      scalars: zero,
      curvature,
      basis: 0,
      columns: data.columns,
      weight: 0,
      scratch,
    };
    return {
      atom,
      members,
      channels,
      request,
      matrix: memory.allocate(parameter ** 2),
      norms: memory.allocate(p),
      dimension: parameter,
    };
  });
  const full: NormalRequest = {
    ...plans[0].request,
    channels: model.channels,
    dimension: p,
    scalars: evaluator.scalars,
  };
  const norms = memory.allocate(p);
  const gradient = memory.allocate(p);
  for (let block = 0, at = data.address; block < data.blocks; block++, at += data.stride) {
    evaluator.forward(at, thetaAt, 2);
    kernels.subtract(residual, at + data.response, evaluator.regression, BLOCK);
    for (const { out, left, right, bend, pull } of products) {
      kernels.multiply(out, left, right, BLOCK);
      if (bend !== null) kernels.multiplyAdd(out, pull, bend, BLOCK);
    }
    full.basis = at;
    full.weight = at + data.weightColumn;
    kernels.gradient(full, residual, gradient, norms);
    for (const plan of plans) {
      plan.request.basis = at;
      plan.request.weight = at + data.weightColumn;
      kernels.normal(plan.request, residual, plan.matrix);
    }
  }
  const directions = plans.map(({ atom, members, channels, matrix, dimension }) => {
    const indices = new Int32Array(dimension);
    members.forEach((c, a) => {
      for (let t = 0; t < channels[a].terms; t++)
        indices[channels[a].parameter + t] = model.channels[c].parameter + t;
    });
    const scale = Float64Array.from(
      indices,
      (i) => 1 / Math.sqrt(Math.max(f64[norms + i], 1e-10 * data.weight)),
    );
    const scaled = new Float64Array(dimension ** 2);
    for (let a = 0; a < dimension; a++) {
      for (let b = a; b < dimension; b++) {
        scaled[a * dimension + b] = scaled[b * dimension + a] =
          f64[matrix + a * dimension + b] * scale[a] * scale[b];
      }
    }
    const { values, vectors } = symmetricEigen(scaled, dimension);
    const step = scale.map((value, a) => value * vectors[a * dimension + dimension - 1]);
    return { atom, eigenvalue: values[dimension - 1], indices, step };
  });
  memory.release(mark);
  return directions.sort((a, b) => b.eigenvalue - a.eigenvalue || a.atom - b.atom);
}

/** Parameters of a channel that a split moves: all but the intercept beta0, which comes last in its channel. */
function splitTerms({ part, names, terms }: ModelChannel): number {
  return part === "gate" && names.includes("beta0") ? terms - 1 : terms;
}

/** The (k)-atom start that replaces an atom by two of half its mass at +- `length` times the direction. */
export function splitStart(
  small: MixtureModel,
  theta: Float64Array,
  large: MixtureModel,
  direction: SplitDirection,
  length: number,
): Float64Array {
  const start = new Float64Array(large.parameterCount);
  copyAtoms(small, theta, large, start);
  const { old, added } = atomPlaces(small, large);
  const moved = Float64Array.from(theta);
  for (const [sign, place] of [
    [1, old[direction.atom]],
    [-1, added],
  ]) {
    direction.indices.forEach((i, a) => (moved[i] = theta[i] + sign * length * direction.step[a]));
    copyAtom(small, moved, direction.atom, large, start, place);
    const intercept = interceptIndex(large, place);
    if (intercept >= 0) start[intercept] -= Math.LN2 * interceptUnit(large, start);
  }
  return start;
}

/** The k-atom start that has one atom of a (k-1)-atom fit twice, half of the mass each, and then every parameter moved by
 *  radius * N(0, 1), slopes and places in units of the inputs' spread; shared
 *  parameters are multiplied by exp(radius * N(0, 1)). */
export function scatteredSplit(
  small: MixtureModel,
  theta: Float64Array,
  large: MixtureModel,
  atom: number,
  radius: number,
  { scale }: FitData,
  random: Stream,
): Float64Array {
  const start = new Float64Array(large.parameterCount);
  copyAtoms(small, theta, large, start);
  const { old, added } = atomPlaces(small, large);
  copyAtom(small, theta, atom, large, start, added);
  for (const place of [old[atom], added]) {
    const intercept = interceptIndex(large, place);
    if (intercept >= 0) start[intercept] -= Math.LN2 * interceptUnit(large, start);
  }
  for (const channel of large.channels) {
    for (let t = 0; t < channel.terms; t++) {
      const u = slopeIndex(channel, t, large.inputDim);
      const i = channel.parameter + t;
      if (isShared(channel)) start[i] *= Math.exp(radius * random.normal());
      else if (channel.input !== null) start[i] += radius * random.normal() * scale[channel.input];
      else start[i] += (radius * random.normal()) / (u === null ? 1 : scale[u]);
    }
  }
  return start;
}
