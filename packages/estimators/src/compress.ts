/** Observations replaced by cell means. `within` = sum_i (y_i - mean y of the cell)^2, so that S(full) is about S(cells) + within. */
export interface CompressedData {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Observations per cell. */
  readonly weights: Float64Array;
  readonly within: number;
  /** Cell of each observation. */
  readonly cell: Int32Array;
}

/** Replaces n observations by at most about `counts[i]` cells of neighbouring x, fewest first, for every i at the cost of the last: repeated halving at the
 *  median of the widest coordinate (in units of `scale`); coarser cells are unions of finer ones. Each cell is one observation at its mean x and
 *  mean y with its count as weight: noise is averaged, not dropped, and the regression function changes by second-order terms in the cell
 *  size. x is column-major n x d. */
export function compressTo(
  x: Float64Array,
  y: Float64Array,
  scale: readonly number[],
  counts: readonly number[],
): CompressedData[] {
  const n = y.length;
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const leaves = counts.map((cells) => Math.max(1, Math.ceil(n / cells)));
  const bounds: [number, number][][] = counts.map(() => []);
  const pending: [number, number, number][] = [[0, n, 0]];
  while (pending.length > 0) {
    const [from, to, reached] = pending.pop()!;
    let level = reached;
    while (level < leaves.length && to - from <= leaves[level]) bounds[level++].push([from, to]);
    if (level === leaves.length) continue;
    const widest = widestCoordinate(x, n, scale.length, scale, order, from, to);
    const middle = (from + to) >> 1;
    selectMedian(x, widest * n, order, from, to - 1, middle);
    pending.push([middle, to, level], [from, middle, level]);
  }
  return bounds.map((own) => cellMeans(x, y, scale.length, order, own));
}

function cellMeans(
  x: Float64Array,
  y: Float64Array,
  d: number,
  order: Int32Array,
  bounds: readonly [number, number][],
): CompressedData {
  const n = y.length;
  const m = bounds.length;
  const result = { x: new Float64Array(m * d), y: new Float64Array(m), weights: new Float64Array(m) };
  const cellOf = new Int32Array(n);
  let within = 0;
  bounds.forEach(([from, to], cell) => {
    const count = to - from;
    let mean = 0;
    for (let i = from; i < to; i++) {
      mean += y[order[i]];
      cellOf[order[i]] = cell;
    }
    mean /= count;
    for (let i = from; i < to; i++) within += (y[order[i]] - mean) ** 2;
    result.y[cell] = mean;
    result.weights[cell] = count;
    for (let u = 0; u < d; u++) {
      let sum = 0;
      for (let i = from; i < to; i++) sum += x[u * n + order[i]];
      result.x[u * m + cell] = sum / count;
    }
  });
  return { ...result, within, cell: cellOf };
}

function widestCoordinate(
  x: Float64Array,
  n: number,
  d: number,
  scale: readonly number[],
  order: Int32Array,
  from: number,
  to: number,
): number {
  let best = 0;
  let widest = -1;
  for (let u = 0; u < d; u++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i < to; i++) {
      const value = x[u * n + order[i]];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const width = (high - low) / scale[u];
    if (width > widest) {
      widest = width;
      best = u;
    }
  }
  return best;
}

/** Partially sorts order[from..to] by x so that position `middle` holds its order statistic (Hoare's selection, ties by index). */
function selectMedian(
  x: Float64Array,
  column: number,
  order: Int32Array,
  from: number,
  to: number,
  middle: number,
): void {
  let low = from;
  let high = to;
  while (low < high) {
    const pivot = order[(low + high) >> 1];
    const value = x[column + pivot];
    let i = low;
    let j = high;
    while (i <= j) {
      while (before(x, column, order[i], value, pivot)) i++;
      while (after(x, column, order[j], value, pivot)) j--;
      if (i <= j) {
        const swap = order[i];
        order[i] = order[j];
        order[j] = swap;
        i++;
        j--;
      }
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}

function before(x: Float64Array, column: number, i: number, value: number, pivot: number): boolean {
  const own = x[column + i];
  return own < value || (own === value && i < pivot);
}

function after(x: Float64Array, column: number, i: number, value: number, pivot: number): boolean {
  const own = x[column + i];
  return own > value || (own === value && i > pivot);
}
