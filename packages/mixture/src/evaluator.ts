import { BLOCK, type Kernels } from "@moe-rates/kernels";
import type { GatingColumns } from "@moe-rates/gating";
import type { ExpertColumns } from "@moe-rates/experts";
import type { MixtureModel } from "./model.ts";

/** Evaluates a model over one block of samples: f, the scalar column df/dc of every channel, and the curvature columns
 *  d2f/(dc dd) of the channel pairs in which they do not vanish. A Jacobian column is (scalar column) x (basis column). */
export interface Evaluator {
  /** Address of the column f. */
  readonly regression: number;
  /** Address of the scalar columns df/dc, BLOCK apart, in the order of `model.channels`. */
  readonly scalars: number;
  /** At index c * channels + d (c <= d): address of d2f/(dc dd), or -1 where it vanishes identically or was left out. */
  readonly curvature: Int32Array;
  /** Address of the expert values h_j, BLOCK apart. */
  readonly experts: number;
  /** Address of the gate weights p_j, BLOCK apart. */
  readonly weights: number;
  /** Address of the channel values, BLOCK apart. */
  readonly channels: number;
  /** The columns the gating works on. */
  readonly gate: GatingColumns;
  /** Order 0 fills f, 1 also the scalar columns, 2 also the curvature columns; of the first `rows` samples (default: all), others hold whatever they held. */
  forward(basis: number, theta: number, order: 0 | 1 | 2, rows?: number): void;
}

/** Doubles that `createEvaluator` allocates for derivatives up to `order`. */
export function evaluatorDoubles(model: MixtureModel, order: 0 | 1 | 2): number {
  const { gating, expert, atoms, channels } = model;
  let columns = channels.length + 2 * atoms + 1;
  columns += (gating.scratchColumns ?? 0) + (expert.scratchColumns ?? 0);
  if (order >= 1) columns += channels.length;
  if (order >= 2) {
    columns += gating.secondPairs.length + gating.weightPairs.length * (1 + expert.channels.length);
    columns += atoms * expert.secondPairs.length;
  }
  return columns * BLOCK;
}

/** Allocates the columns of a model for derivatives up to `order` and returns the evaluator over them. `withoutFirst` leaves the curvature columns of the
 *  first channel out, where the gating says that they follow from the others. */
export function createEvaluator(
  model: MixtureModel,
  kernels: Kernels,
  order: 0 | 1 | 2,
  withoutFirst = false,
): Evaluator {
  const { gating, expert, atoms, channels } = model;
  const { memory } = kernels;
  const columns = (count: number) => memory.allocate(count * BLOCK);
  const gateChannels = gating.channels.length;
  const width = expert.channels.length;
  const count = channels.length;
  const identity = expert.identity === true;
  const values = columns(count);
  const scalars = order >= 1 ? columns(count) : -1;
  /* An expert that is its channel: h_j is that channel, and df/dc = p_j. */
  const weights = identity && order >= 1 ? scalars + gateChannels * BLOCK : columns(atoms);
  const heads = identity ? values + gateChannels * BLOCK : columns(atoms);
  const regression = columns(1);
  const scratch = Array.from({ length: expert.scratchColumns ?? 0 }, () => columns(1));
  const gateScratch = gating.scratchColumns ? columns(gating.scratchColumns) : -1;
  const each = (count: number) => Array.from({ length: order >= 2 ? count : 0 }, () => columns(1));
  const wanted = (channel: number) => !(withoutFirst && gating.firstChannelFollows && channel === 0);
  const columnsOf = (pairs: readonly (readonly [number, number])[]) =>
    order >= 2 ? pairs.map(([a]) => (wanted(a) ? columns(1) : -1)) : [];
  const gateSecond = columnsOf(gating.secondPairs);
  const weightFirst = columnsOf(gating.weightPairs);
  const curvature = new Int32Array(count * count).fill(-1);

  const gate = {
    stride: BLOCK,
    channels: gating.channels.map((_, a) => values + a * BLOCK),
    weights,
    experts: heads,
    regression,
    first: scalars,
    second: gateSecond,
    weightFirst,
    basis: -1,
    scratch: gateScratch,
  };
  const heads2: (ExpertColumns & { basis: number })[] = Array.from({ length: atoms }, (_, j) => {
    const at = gateChannels + j * width;
    return {
      channels: expert.channels.map((_, a) => values + (at + a) * BLOCK),
      value: heads + j * BLOCK,
      first: expert.channels.map((_, a) => scalars + (at + a) * BLOCK),
      second: each(expert.secondPairs.length),
      scratch,
      basis: -1,
    };
  });
  const cross: { out: number; weightFirst: number; first: number }[] = [];
  if (order >= 2) {
    gating.secondPairs.forEach(([a, b], pair) => (curvature[a * count + b] = gateSecond[pair]));
    gating.weightPairs.forEach(([a, j], entry) => {
      if (weightFirst[entry] < 0) return;
      for (let c = 0; c < width; c++) {
        if (identity) {
          curvature[a * count + gateChannels + j] = weightFirst[entry];
          continue;
        }
        const out = columns(1);
        curvature[a * count + gateChannels + j * width + c] = out;
        cross.push({ out, weightFirst: weightFirst[entry], first: heads2[j].first[c] });
      }
    });
    for (let j = 0; j < atoms; j++) {
      expert.secondPairs.forEach(([a, b], pair) => {
        curvature[(gateChannels + j * width + a) * count + gateChannels + j * width + b] =
          heads2[j].second[pair];
      });
    }
  }

  return {
    regression,
    scalars,
    curvature,
    experts: heads,
    weights,
    channels: values,
    gate,
    forward(basis, theta, upTo, rows = BLOCK) {
      gate.basis = basis;
      for (let c = 0; c < count; c++) {
        const { basis: start, terms, parameter } = channels[c];
        kernels.affine(values + c * BLOCK, basis + start * BLOCK, BLOCK, terms, theta + parameter, rows);
      }
      for (let j = 0; j < atoms && !identity; j++) {
        heads2[j].basis = basis;
        expert.evaluate(kernels, heads2[j], rows, upTo);
      }
      gating.weights(kernels, gate, rows);
      kernels.sumOfProducts(regression, weights, heads, BLOCK, atoms, rows);
      if (upTo === 0) return;
      gating.derivatives(kernels, gate, rows, upTo);
      if (upTo === 2)
        for (const { out, weightFirst: left, first } of cross) kernels.multiply(out, left, first, rows);
      for (let j = 0; j < atoms && !identity; j++) {
        for (const first of heads2[j].first) kernels.multiply(first, first, weights + j * BLOCK, rows);
        if (upTo === 2)
          for (const second of heads2[j].second) kernels.multiply(second, second, weights + j * BLOCK, rows);
      }
    },
  };
}
