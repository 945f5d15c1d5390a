/** What a Voronoi loss makes of the cells: which terms count, and to what power. */
export interface LossForm {
  /** Power of every distance to the true atom in a cell of `size` atoms. */
  readonly power: (size: number) => number;
  /** True: terms weigh the masses of their atoms. False (sigmoid gates): terms count once each, masses in cells that do not hold exactly one atom,
   *  biases in those that do. */
  readonly weighted: boolean;
  /** Whether |tau - tau*| counts beside the parameters of every atom. */
  readonly temperature: boolean;
  /** Whether slopes and intercepts of the expert are measured separately, ||Delta a||^r + |Delta b|^r, or together, ||Delta eta||. */
  readonly blocks: boolean;
}

/** Distances count once in cells with one atom and squared in others. */
export const onceOrSquared = (size: number): number => (size > 1 ? 2 : 1);

/** distance^power; the first and second powers without rounding of their own. */
export function raise(distance: number, power: number): number {
  return power === 1 ? distance : power === 2 ? distance * distance : distance ** power;
}
