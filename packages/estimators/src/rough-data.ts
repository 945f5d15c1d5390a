import { BLOCK, type Kernels } from "@moe-rates/kernels";
import { basisColumns, loadData, overwriteData, type DataBlocks } from "@moe-rates/mixture";

/** A small stand-in for a sample in kernel memory, for the first steps of a fit. */
export interface RoughData {
  readonly blocks: DataBlocks;
  /** Weight of each of its observations. */
  readonly weights: Float64Array;
  /** Sum of squares within the cells, which no fit removes; 0 for rows. */
  readonly offset: number;
  /** The sample's sum of weights over this one's. */
  readonly share: number;
}

/** Rough data of one sample size, coarsest first, over buffers of their own: `fill` makes them those of another sample. */
export interface RoughLevels {
  readonly levels: readonly RoughData[];
  fill(x: Float64Array, y: Float64Array): void;
}

/** Cells per coordinate of a plane, by sample size; a line has about so many squared, divided by four. Even, for they are merged two by two. */
const GRIDS: readonly (readonly [leastSize: number, bins: number])[] = [
  [50_000, 64],
  [5_000, 22],
  [900, 16],
];
/** Rows per parameter of the smallest subset, and how much larger the next one is. */
const ROWS_PER_PARAMETER = 15;
const GROWTH = 4;
/** A subset saves nothing where it is more than this share of the sample. */
const LARGEST_SHARE = 1 / 4;
/** Weight of an empty cell: too light to change any sum, and not 0, which the kernels take a slower way around. */
const EMPTY = 1e-30;

/** Sizes of the levels for n observations of d inputs and p parameters; empty where nothing is saved. `bins` per coordinate, 0: every so many rows. */
export function roughSizes(n: number, inputDim: number, p: number): { rows: number; bins: number }[] {
  const grid = inputDim <= 2 ? GRIDS.find(([least]) => n >= least) : undefined;
  const smallest = BLOCK * Math.ceil((ROWS_PER_PARAMETER * p) / BLOCK);
  if (grid && grid[1] ** 2 >= smallest) {
    const bins = inputDim === 2 ? grid[1] : 2 * Math.floor(grid[1] ** 2 / 8);
    return [bins / 2, bins].map((own) => ({ rows: own ** inputDim, bins: own }));
  }
  const sizes: { rows: number; bins: number }[] = [];
  for (let rows = smallest; rows <= LARGEST_SHARE * n; rows *= GROWTH) sizes.push({ rows, bins: 0 });
  return sizes;
}

/** Doubles that `roughLevels` allocates. */
export function roughDoubles(n: number, inputDim: number, p: number, normalised: boolean): number {
  return roughSizes(n, inputDim, p).reduce(
    (sum, { rows }) => sum + Math.ceil(rows / BLOCK) * BLOCK * (basisColumns(inputDim, normalised) + 2),
    0,
  );
}

/** Rough data for samples of n observations: with up to two inputs and enough observations the means of the cells of a regular grid, and of cells twice as
 *  wide; else every so many rows, in sizes that grow fourfold. Costs one pass over the sample. */
export function roughLevels(
  kernels: Kernels,
  n: number,
  inputDim: number,
  p: number,
  normalised: boolean,
): RoughLevels {
  const parts = roughSizes(n, inputDim, p).map(({ rows, bins }) => {
    const columns = {
      x: new Float64Array(rows * inputDim),
      y: new Float64Array(rows),
      ...(bins > 0 ? { weights: new Float64Array(rows).fill(n / rows) } : {}),
    };
    const blocks = loadData(kernels, { ...columns, inputDim, normalised });
    const weights = columns.weights ?? new Float64Array(rows).fill(1);
    const data = { blocks, weights, offset: 0, share: bins > 0 ? 1 : n / rows };
    return { rows, bins, columns, data };
  });
  const finest = parts.at(-1);
  const sums = new Float64Array(finest && finest.bins > 0 ? finest.rows * (inputDim + 2) : 0);

  return {
    levels: parts.map(({ data }) => data),
    fill(x, y) {
      if (!finest) return;
      let squares = 0;
      const box = finest.bins > 0 ? rangeOf(x, n, inputDim) : [];
      if (finest.bins > 0) squares = binned(x, y, inputDim, finest.bins, box, sums);
      for (let i = parts.length - 1; i >= 0; i--) {
        const { rows, bins, columns, data } = parts[i];
        if (bins === 0) everyRow(x, y, n, inputDim, rows, columns);
        else {
          if (bins < finest.bins) merge(sums, inputDim, 2 * bins);
          data.offset = squares - cellMeans(sums, inputDim, bins, box, columns);
        }
        overwriteData(kernels, data.blocks, columns);
      }
    },
  };
}

interface Columns {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly weights?: Float64Array;
}

/** Rows floor((j + 1/2) n / rows). */
function everyRow(x: Float64Array, y: Float64Array, n: number, d: number, rows: number, out: Columns): void {
  for (let j = 0; j < rows; j++) {
    const i = Math.floor(((j + 0.5) * n) / rows);
    out.y[j] = y[i];
    for (let u = 0; u < d; u++) out.x[u * rows + j] = x[u * n + i];
  }
}

/** Lowest and highest value of each input over every so many rows; what lies beyond belongs to the outer cells. */
function rangeOf(x: Float64Array, n: number, d: number): [number, number][] {
  const step = Math.max(1, Math.floor(n / 256));
  return Array.from({ length: d }, (_, u) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = u * n; i < (u + 1) * n; i += step) {
      if (x[i] < low) low = x[i];
      if (x[i] > high) high = x[i];
    }
    return high > low ? [low, high] : [low, low + 1];
  });
}

/** Count, sums of the inputs and of y of every cell into `sums`, d + 2 a cell; returns sum y^2. */
function binned(
  x: Float64Array,
  y: Float64Array,
  d: number,
  bins: number,
  box: readonly (readonly [number, number])[],
  sums: Float64Array,
): number {
  const n = y.length;
  const last = bins - 1;
  const [low, high] = box[0];
  const scale = bins / (high - low);
  const shift = -low * scale;
  let squares = 0;
  sums.fill(0);
  if (d === 1) {
    for (let i = 0; i < n; i++) {
      const at = 3 * Math.min(last, Math.max(0, (x[i] * scale + shift) | 0));
      sums[at]++;
      sums[at + 1] += x[i];
      sums[at + 2] += y[i];
      squares += y[i] * y[i];
    }
    return squares;
  }
  const [low2, high2] = box[1];
  const scale2 = bins / (high2 - low2);
  const shift2 = -low2 * scale2;
  for (let i = 0; i < n; i++) {
    const u = x[i];
    const v = x[n + i];
    const z = y[i];
    let column = (u * scale + shift) | 0;
    let row = (v * scale2 + shift2) | 0;
    if (column < 0) column = 0;
    else if (column > last) column = last;
    if (row < 0) row = 0;
    else if (row > last) row = last;
    const at = (bins * row + column) << 2;
    sums[at]++;
    sums[at + 1] += u;
    sums[at + 2] += v;
    sums[at + 3] += z;
    squares += z * z;
  }
  return squares;
}

/** Sums of two by two cells, in place at the front. */
function merge(sums: Float64Array, d: number, bins: number): void {
  const width = d + 2;
  const half = bins / 2;
  const rows = d === 1 ? 1 : half;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < half; column++) {
      const from = (2 * row * bins + 2 * column) * width;
      const to = (row * half + column) * width;
      const up = d === 1 ? -1 : bins * width;
      for (let t = 0; t < width; t++) {
        let sum = sums[from + t] + sums[from + width + t];
        if (up > 0) sum += sums[from + up + t] + sums[from + up + width + t];
        sums[to + t] = sum;
      }
    }
  }
}

/** Means and counts of the cells into `out`; returns sum count (mean y)^2. An empty cell has its middle, y = 0 and next to no weight. */
function cellMeans(
  sums: Float64Array,
  d: number,
  bins: number,
  box: readonly (readonly [number, number])[],
  out: Columns,
): number {
  const width = d + 2;
  const cells = out.y.length;
  const { x, y, weights } = out;
  let squares = 0;
  for (let cell = 0, at = 0; cell < cells; cell++, at += width) {
    const count = sums[at];
    if (count === 0) {
      weights![cell] = EMPTY;
      for (let u = 0; u < d; u++) {
        const [low, high] = box[u];
        const place = u === 0 ? cell % bins : Math.floor(cell / bins);
        x[u * cells + cell] = low + ((place + 0.5) / bins) * (high - low);
      }
      y[cell] = 0;
      continue;
    }
    weights![cell] = count;
    const share = 1 / count;
    x[cell] = sums[at + 1] * share;
    if (d === 2) x[cells + cell] = sums[at + 2] * share;
    const mean = sums[at + d + 1] * share;
    y[cell] = mean;
    squares += count * mean * mean;
  }
  return squares;
}
