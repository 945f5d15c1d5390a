import { BLOCK } from "@moe-rates/kernels";
import { basisColumns, dataDoubles, type MixtureModel, objectiveDoubles } from "@moe-rates/mixture";
import { MEDIUM, screeningCells as defaultCells } from "./load-screens.ts";
import { roughDoubles } from "./rough-data.ts";
import { scoreFieldDoubles } from "./score-field.ts";

/** Doubles of kernel memory that `fitGlobal` needs for n observations screened as so many cells: the data, the compressed data (coarse, fine and
 *  medium cells, one cluster of k-means, and rough data for given starts), two objectives per number of atoms, and the score field or the splitting matrices. */
export function globalFitDoubles(
  n: number,
  model: MixtureModel,
  screeningCells = defaultCells(model.inputDim),
): number {
  const columns = basisColumns(model.inputDim, model.normalised);
  const rows = Math.min(n, 2 * screeningCells);
  const screening = dataDoubles(rows, model.inputDim, model.normalised);
  const medium =
    n > MEDIUM * screeningCells
      ? dataDoubles(2 * MEDIUM * screeningCells, model.inputDim, model.normalised)
      : 0;
  const objectives = (2 * model.atoms + 8) * objectiveDoubles(model, columns);
  const field = scoreFieldDoubles(model, model.parameterCount, Math.ceil(rows / BLOCK));
  const splitting =
    (splittingColumns(model) + model.channels.length + 6 + (columns * (columns + 1)) / 2) * BLOCK +
    4 * model.parameterCount ** 2;
  return (
    dataDoubles(n, model.inputDim, model.normalised) +
    medium +
    roughDoubles(n, model.inputDim, model.parameterCount, model.normalised) +
    3 * screening +
    objectives +
    field +
    splitting +
    4096
  );
}

/** Columns of products of score derivatives that the splitting matrices need: at most one per pair of an atom's gate and any of its channels. */
function splittingColumns({ gating, expert, atoms }: MixtureModel): number {
  const own = Math.ceil(gating.channels.length / atoms);
  return atoms * own * (own + expert.channels.length);
}
