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

/** Data in kernel memory together with the columns they came from. */
export interface LoadedData {
  readonly columns: FitData;
  readonly blocks: DataBlocks;
  /** Constant added to every sum of squares (the part within compressed cells); `centreCells` changes it. */
  offset: number;
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
  return { columns, blocks: loadData(kernels, { ...columns, normalised }), offset };
}

/** Data on which starts are screened; `cells` says how they were compressed, null when they were not. */
export interface Screen {
  readonly data: LoadedData;
  readonly cells: CompressedData | null;
}

/** Makes compressed data exact at a reference fit g: the response of a cell becomes g(mean x) + mean(y - g(x)), so that what is left of the
 *  compression error is second order in the cell size times f - g, not times f. Near g it does not grow with n. `residual` is y - g(x),
 *  `onCells` g on the cells. */
export function centreCells(
  kernels: Kernels,
  { data, cells }: Screen,
  residual: Float64Array,
  onCells: Float64Array,
): void {
  if (!cells) return;
  const n = residual.length;
  const count = cells.weights.length;
  const mean = new Float64Array(count);
  for (let i = 0; i < n; i++) mean[cells.cell[i]] += residual[i];
  for (let c = 0; c < count; c++) mean[c] /= cells.weights[c];
  let within = 0;
  for (let i = 0; i < n; i++) within += (residual[i] - mean[cells.cell[i]]) ** 2;
  const { blocks, columns } = data;
  for (let c = 0; c < count; c++) columns.y[c] = onCells[c] + mean[c];
  for (let block = 0; block * BLOCK < count; block++) {
    const from = block * BLOCK;
    const part = columns.y.subarray(from, Math.min(from + BLOCK, count));
    kernels.memory.f64.set(part, blocks.address + block * blocks.stride + blocks.response);
  }
  data.offset = within;
}
