import type { GlobalFitRequest } from "./global-fit.ts";
import { compressTo } from "./compress.ts";
import { fitData, loadColumns, type Screen } from "./screening-data.ts";

const FEWEST_CELLS = 256;

/** Cells that stand for larger samples while screening: 256 for one input, then twice as many per input, at most 4096. Starts are
 *  placed, and take their first steps, on half as many, but not on fewer than 256. */
export function screeningCells(inputDim: number): number {
  return FEWEST_CELLS * Math.min(16, 2 ** (inputDim - 1));
}

/** Large samples get a third set of cells, so many times the usual number, on which basins are told apart before all data are used. */
export const MEDIUM = 8;

/** All data, in the order of the finest cells, and the cells, in kernel memory (all data alone unless `compressed`): `medium` where the sample is much larger than they are, `fine` and `coarse` all data
 *  where it is hardly larger. */
export function loadScreens(
  { kernels, x, y, inputDim, screeningCells: wanted }: GlobalFitRequest,
  normalised: boolean,
  compressed: boolean,
) {
  const columns = fitData(x, y, inputDim);
  const n = y.length;
  const usual = screeningCells(inputDim);
  const most = Math.max(usual, wanted ?? usual);
  const few = Math.max(FEWEST_CELLS, usual / 2);
  const many = MEDIUM * usual;
  const counts = compressed ? [few, most].filter((count) => n > 1.5 * count) : [];
  if (compressed && most < many && n > 2 * many) counts.push(many);
  const different = [...new Set(counts)];
  const sorted = different.length > 0 ? compressTo(x, y, columns.scale, different) : { x, y, cells: [] };
  const full = {
    ...loadColumns(kernels, { ...columns, x: sorted.x, y: sorted.y }, normalised),
    columns,
  };
  const screens = new Map(
    sorted.cells.map((cells, i): [number, Screen] => {
      const means = { ...columns, x: cells.x, y: cells.y, weights: cells.weights };
      return [different[i], { data: loadColumns(kernels, means, normalised, cells.within), cells }];
    }),
  );
  const fine = screens.get(most) ?? { data: full, cells: null };
  return { full, medium: screens.get(many) ?? null, fine, coarse: screens.get(few) ?? fine };
}
