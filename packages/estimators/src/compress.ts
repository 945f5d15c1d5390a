/** Observations replaced by cell means. `within` = sum_i (y_i - mean y of the cell)^2, so that S(full) is about S(cells) + within. */
export interface CompressedData {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Observations per cell. */
  readonly weights: Float64Array;
  readonly within: number;
  /** Cell c holds the observations ends[c - 1] to ends[c] - 1 of the order below. */
  readonly ends: Int32Array;
}

/** Observations in the order of their cells, and the cells. */
export interface Compression {
  /** Column-major n x d, and the responses. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Observation at each place. */
  readonly order: Int32Array;
  readonly cells: readonly CompressedData[];
}

/** Columns that are put in order together. */
interface Columns {
  readonly x: Float64Array;
  readonly order: Int32Array;
  readonly d: number;
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
): Compression {
  const n = y.length;
  const sorted: Columns = { x: x.slice(), order: new Int32Array(n), d: scale.length };
  for (let i = 0; i < n; i++) sorted.order[i] = i;
  const leaves = counts.map((cells) => Math.max(1, Math.ceil(n / cells)));
  const ends: number[][] = counts.map(() => []);
  const pending: [number, number, number][] = counts.length > 0 ? [[0, n, 0]] : [];
  while (pending.length > 0) {
    const [from, to, reached] = pending.pop()!;
    let level = reached;
    while (level < leaves.length && to - from <= leaves[level]) ends[level++].push(to);
    if (level === leaves.length) continue;
    const widest = widestCoordinate(sorted, scale, from, to);
    const middle = (from + to) >> 1;
    selectMedian(sorted, widest, from, to - 1, middle);
    pending.push([middle, to, level], [from, middle, level]);
  }
  const responses = new Float64Array(n);
  for (let i = 0; i < n; i++) responses[i] = y[sorted.order[i]];
  return {
    x: sorted.x,
    y: responses,
    order: sorted.order,
    cells: ends.map((own) => cellMeans(sorted.x, responses, scale.length, Int32Array.from(own))),
  };
}

function cellMeans(x: Float64Array, y: Float64Array, d: number, ends: Int32Array): CompressedData {
  const n = y.length;
  const m = ends.length;
  const result = { x: new Float64Array(m * d), y: new Float64Array(m), weights: new Float64Array(m) };
  let within = 0;
  for (let cell = 0, from = 0; cell < m; from = ends[cell++]) {
    const to = ends[cell];
    const count = to - from;
    const meanOf = (column: Float64Array, start: number): number => {
      let sum = 0;
      for (let i = start + from; i < start + to; i++) sum += column[i];
      return sum / count;
    };
    const mean = meanOf(y, 0);
    for (let i = from; i < to; i++) within += (y[i] - mean) ** 2;
    result.y[cell] = mean;
    result.weights[cell] = count;
    for (let u = 0; u < d; u++) result.x[u * m + cell] = meanOf(x, u * n);
  }
  return { ...result, within, ends };
}

function widestCoordinate(
  { x, order, d }: Columns,
  scale: readonly number[],
  from: number,
  to: number,
): number {
  if (d === 1) return 0;
  const n = order.length;
  let best = 0;
  let widest = -1;
  for (let u = 0; u < d; u++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = u * n + from; i < u * n + to; i++) {
      const value = x[i];
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

/** Partially sorts the observations from..to by one coordinate so that position `middle` holds its order statistic (Hoare's selection, ties by
 *  their first places). */
function selectMedian(columns: Columns, widest: number, from: number, to: number, middle: number): void {
  const { x, order, d } = columns;
  const n = order.length;
  const column = x.subarray(widest * n, (widest + 1) * n);
  let low = from;
  let high = to;
  while (low < high) {
    const pivot = order[(low + high) >> 1];
    const value = column[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (column[i] < value || (column[i] === value && order[i] < pivot)) i++;
      while (column[j] > value || (column[j] === value && order[j] > pivot)) j--;
      if (i <= j) {
        const swap = order[i];
        order[i] = order[j];
        order[j] = swap;
        for (let at = i, other = j; at < d * n; at += n, other += n) {
          const moved = x[at];
          x[at] = x[other];
          x[other] = moved;
        }
        i++;
        j--;
      }
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
