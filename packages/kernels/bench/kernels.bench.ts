import { bench, describe } from "vitest";
import {
  BLOCK,
  referenceKernels,
  simdKernels,
  type Channel,
  type Kernels,
  type NormalRequest,
} from "../src/index.ts";

const inputDim = 4;
const atoms = 4;
const options = { time: 150, warmupTime: 50 };
const sets = [referenceKernels, (doubles: number) => simdKernels(doubles)];

/** The channels of a softmax gate with scaled one-unit experts with bias: 44 parameters in 12 channels. */
const channels: Channel[] = [];
let dimension = 0;
function channel(basis: number, terms: number): void {
  channels.push({ basis, terms, parameter: dimension });
  dimension += terms;
}
for (let j = 0; j < atoms; j++) channel(0, inputDim + 1);
for (let j = 0; j < atoms; j++) {
  channel(0, inputDim + 1);
  channel(inputDim, 1);
}

const calls: Record<
  string,
  (kernels: Kernels, at: number, update: (curved: boolean) => NormalRequest) => () => void
> = {
  "affine, 5 columns": (k, at) => () => k.affine(at + 20 * BLOCK, at, BLOCK, 5, at + 8 * BLOCK, BLOCK),
  multiply: (k, at) => () => k.multiply(at + 20 * BLOCK, at, at + BLOCK, BLOCK),
  multiplyAdd: (k, at) => () => k.multiplyAdd(at + 20 * BLOCK, at, at + BLOCK, BLOCK),
  subtractProducts: (k, at) => () =>
    k.subtractProducts(
      at + 20 * BLOCK,
      at + 4 * BLOCK,
      at,
      at + BLOCK,
      at + 2 * BLOCK,
      at + 3 * BLOCK,
      BLOCK,
    ),
  "sumOfProducts of 3": (k, at) => () =>
    k.sumOfProducts(at + 20 * BLOCK, at, at + 4 * BLOCK, BLOCK, 3, BLOCK),
  weightedSquares: (k, at) => () => void k.weightedSquares(at, at + BLOCK, BLOCK),
  exp: (k, at) => () => k.exp(at + 20 * BLOCK, at, BLOCK),
  "softmax, 4 columns": (k, at) => () => k.softmax(at + 20 * BLOCK, at, BLOCK, 4, BLOCK),
  "tanh with first derivative": (k, at) => () =>
    k.activation("tanh", at, BLOCK, 1, at + 20 * BLOCK, at + 21 * BLOCK, -1),
  "logistic with first derivative": (k, at) => () =>
    k.activation("logistic", at, BLOCK, 1, at + 20 * BLOCK, at + 21 * BLOCK, -1),
  "GELU with first derivative": (k, at) => () =>
    k.activation("gelu", at, BLOCK, 1, at + 20 * BLOCK, at + 21 * BLOCK, -1),
  "gradient and norms, 44 parameters": (k, at, update) => {
    const request = update(false);
    return () => k.gradient(request, at + 12 * BLOCK, at + 30 * BLOCK, at + 31 * BLOCK);
  },
  "normal, 44 parameters": (k, at, update) => {
    const request = update(false);
    return () => k.normal(request, at + 12 * BLOCK, at + 32 * BLOCK);
  },
  "normal with curvature, 44 parameters": (k, at, update) => {
    const request = update(true);
    return () => k.normal(request, at + 12 * BLOCK, at + 32 * BLOCK);
  },
  "one call": (k, at) => () => k.multiply(at + 20 * BLOCK, at, at + BLOCK, 0),
};

describe.each(Object.keys(calls))("one block of 256: %s", (name) => {
  for (const create of sets) {
    const kernels = create(80 * BLOCK);
    const at = kernels.memory.allocate(42 * BLOCK);
    const scratch = kernels.memory.allocate(20 * BLOCK);
    for (let i = 0; i < 20 * BLOCK; i++) kernels.memory.f64[at + i] = 2 * Math.sin(1.3 * i);
    for (let i = 0; i < BLOCK; i++) kernels.memory.f64[at + BLOCK + i] = 1;
    const update = (curved: boolean): NormalRequest => ({
      channels,
      dimension,
      scalars: at,
      curvature: new Int32Array(channels.length ** 2).fill(curved ? at + 13 * BLOCK : -1),
      basis: at + 14 * BLOCK,
      columns: inputDim + 1,
      weight: at + BLOCK,
      scratch,
    });
    bench(kernels.name, calls[name](kernels, at, update), options);
  }
});
