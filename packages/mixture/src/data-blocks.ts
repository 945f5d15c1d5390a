import { BLOCK, type Kernels } from "@moe-rates/kernels";
import { basisColumns, writeBasis } from "./basis.ts";

/** Observations in kernel memory, block by block: basis columns, then y, then the weight (1, a count, or 0 in the padding). */
export interface DataBlocks {
  readonly observations: number;
  /** Sum of the weights. */
  readonly weight: number;
  readonly inputDim: number;
  readonly normalised: boolean;
  readonly blocks: number;
  readonly address: number;
  /** Doubles from one block to the next. */
  readonly stride: number;
  /** Offset of the y column and of the weight column within a block. */
  readonly response: number;
  readonly weightColumn: number;
  /** Basis columns per block. */
  readonly columns: number;
}

/** Doubles that `loadData` allocates. */
export function dataDoubles(n: number, inputDim: number, normalised: boolean): number {
  return Math.ceil(n / BLOCK) * (basisColumns(inputDim, normalised) + 2) * BLOCK;
}

/** Copies observations into kernel memory. x is column-major n x d; `weights` (default 1) are counts of replicated observations.
 *  Throws when the lengths disagree. */
export function loadData(
  kernels: Kernels,
  data: { x: Float64Array; y: Float64Array; weights?: Float64Array; inputDim: number; normalised: boolean },
): DataBlocks {
  const { x, y, weights, inputDim, normalised } = data;
  const n = y.length;
  if (x.length !== n * inputDim)
    throw new RangeError(`x holds ${x.length} numbers, expected ${n} rows of ${inputDim}`);
  if (weights && weights.length !== n)
    throw new RangeError(`${weights.length} weights for ${n} observations`);
  const columns = basisColumns(inputDim, normalised);
  const stride = (columns + 2) * BLOCK;
  const blocks = Math.ceil(n / BLOCK);
  const response = columns * BLOCK;
  const loaded = {
    observations: n,
    weight: n,
    inputDim,
    normalised,
    blocks,
    address: kernels.memory.allocate(blocks * stride),
    stride,
    response,
    weightColumn: response + BLOCK,
    columns,
  };
  if (weights) loaded.weight = weights.reduce((sum, weight) => sum + weight, 0);
  overwriteData(kernels, loaded, data);
  return loaded;
}

/** Writes other observations of the same number, inputs and sum of weights over those of `blocks`: what is bound to them goes on with the new ones. */
export function overwriteData(
  { memory }: Kernels,
  { observations: n, inputDim, normalised, blocks, address, stride, response, weightColumn }: DataBlocks,
  { x, y, weights }: { x: Float64Array; y: Float64Array; weights?: Float64Array },
): void {
  const { f64 } = memory;
  for (let block = 0; block < blocks; block++) {
    const from = block * BLOCK;
    const size = Math.min(BLOCK, n - from);
    const at = address + block * stride;
    writeBasis(memory, at, x, n, inputDim, normalised, from, size);
    f64.set(y.subarray(from, from + size), at + response);
    if (weights) f64.set(weights.subarray(from, from + size), at + weightColumn);
    else f64.fill(1, at + weightColumn, at + weightColumn + size);
  }
}
