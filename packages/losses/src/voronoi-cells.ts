import type { AtomDifferences } from "./atom-differences.ts";

/** Voronoi cells of the true atoms. */
export interface VoronoiCells {
  /** `cellOf[i]` is the nearest true atom of fitted atom i, the lowest of equals. */
  readonly cellOf: Int32Array;
  /** |A_j|, number of fitted atoms of each cell. */
  readonly sizes: Int32Array;
  /** ||beta1_i + t1 - beta1_j*|| of atom i in its own cell j. */
  readonly gateError: Float64Array;
  /** ||eta_i - eta_j*|| of atom i in its own cell j. */
  readonly expertError: Float64Array;
}

/** Cells A_j = {i : ||(beta1_i + t1, eta_i) - (beta1_j*, eta_j*)|| smallest at j} for the gate translation t1 (length d). */
export function voronoiCells(differences: AtomDifferences, t1: Float64Array): VoronoiCells {
  const { k, m, d, gate, expert } = differences;
  const cellOf = new Int32Array(k);
  const sizes = new Int32Array(m);
  const gateError = new Float64Array(k);
  const expertError = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    let nearest = Infinity;
    gateError[i] = Infinity;
    expertError[i] = expert[i * m];
    for (let j = 0; j < m; j++) {
      const at = i * m + j;
      let gateSquare = 0;
      for (let u = 0; u < d; u++) gateSquare += (gate[at * d + u] + t1[u]) ** 2;
      const square = gateSquare + expert[at] ** 2;
      if (square >= nearest) continue;
      nearest = square;
      cellOf[i] = j;
      gateError[i] = Math.sqrt(gateSquare);
      expertError[i] = expert[at];
    }
    sizes[cellOf[i]] += 1;
  }
  return { cellOf, sizes, gateError, expertError };
}
