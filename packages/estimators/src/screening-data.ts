import { BLOCK, type Kernels } from "@moe-rates/kernels";
import { loadData, type DataBlocks } from "@moe-rates/mixture";
import type { CompressedData } from "./compress.ts";

/** Observations in plain columns with the moments that scale starts and cells. */
export interface FitData {
  /** Column-major n x d. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly weights?: Float64Array;
  readonly inputDim: number;
  /** Mean and standard deviation of each input and of the response. */
  readonly centre: readonly number[];
  readonly scale: readonly number[];
  readonly responseMean: number;
  readonly responseScale: number;
}

/** Data in kernel memory together with the columns they came from, which may stand in another order. */
export interface LoadedData {
  readonly columns: FitData;
  readonly blocks: DataBlocks;
  /** Constant added to every sum of squares (the part within compressed cells); `centreCells` changes it. */
  offset: number;
  /** Counts changes of the responses. */
  version: number;
}

/** Moments of the observations; a constant column gets scale 1. */
export function fitData(x: Float64Array, y: Float64Array, inputDim: number, weights?: Float64Array): FitData {
  const n = y.length;
  const moments = (from: number, column: Float64Array): [number, number] => {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += column[from + i];
    mean /= n;
    let square = 0;
    for (let i = 0; i < n; i++) square += (column[from + i] - mean) ** 2;
    const deviation = Math.sqrt(square / n);
    return [mean, deviation > 0 && Number.isFinite(deviation) ? deviation : 1];
  };
  const inputs = Array.from({ length: inputDim }, (_, u) => moments(u * n, x));
  const [responseMean, responseScale] = moments(0, y);
  return {
    x,
    y,
    ...(weights ? { weights } : {}),
    inputDim,
    centre: inputs.map(([mean]) => mean),
    scale: inputs.map(([, deviation]) => deviation),
    responseMean,
    responseScale,
  };
}

/** Copies the columns into kernel memory. */
export function loadColumns(kernels: Kernels, columns: FitData, normalised: boolean, offset = 0): LoadedData {
  return { columns, blocks: loadData(kernels, { ...columns, normalised }), offset, version: 0 };
}

/** Data on which starts are screened; `cells` says how they were compressed, null when they were not. */
export interface Screen {
  readonly data: LoadedData;
  readonly cells: CompressedData | null;
}

/** Makes compressed data exact at a reference fit g: the response of a cell becomes g(mean x) + mean(y - g(x)), so that what is left of the
 *  compression error is second order in the cell size times f - g, not times f. Near g it does not grow with n. `residuals` are y - g(x) in the
 *  order of the cells, `onCells` g on the cells. Returns S(g), which the cells now reproduce. */
export function centreCells(
  kernels: Kernels,
  { data, cells }: { readonly data: LoadedData; readonly cells: CompressedData },
  residuals: Float64Array,
  onCells: Float64Array,
): number {
  const { ends } = cells;
  const { y } = data.columns;
  let within = 0;
  let between = 0;
  for (let c = 0, from = 0; c < ends.length; from = ends[c++]) {
    const to = ends[c];
    let sum = 0;
    let squares = 0;
    for (let i = from; i < to; i++) {
      sum += residuals[i];
      squares += residuals[i] * residuals[i];
    }
    const mean = sum / (to - from);
    within += squares - sum * mean;
    between += sum * mean;
    y[c] = onCells[c] + mean;
  }
  writeResponses(kernels, data, within);
  return within + between;
}

/** y - f(x) of every observation in the order of the blocks; `residuals` holds f(x). */
export function subtractFrom({ blocks }: LoadedData, f64: Float64Array, residuals: Float64Array): void {
  for (let block = 0; block < blocks.blocks; block++) {
    const from = block * BLOCK;
    const y = blocks.address + block * blocks.stride + blocks.response - from;
    const to = Math.min(from + BLOCK, residuals.length);
    for (let i = from; i < to; i++) residuals[i] = f64[y + i] - residuals[i];
  }
}

/** Copies the responses of compressed data into kernel memory after a change; `within` is the part of S within the cells. */
export function writeResponses(kernels: Kernels, data: LoadedData, within: number): void {
  const { blocks, columns } = data;
  const { y } = columns;
  for (let block = 0; block < blocks.blocks; block++)
    kernels.memory.f64.set(
      y.subarray(block * BLOCK, Math.min((block + 1) * BLOCK, y.length)),
      blocks.address + block * blocks.stride + blocks.response,
    );
  data.offset = within;
  data.version++;
}
