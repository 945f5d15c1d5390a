/** Losses that a study file may name. */
export const lossNames = ["voronoi-d1", "regression-l2"] as const;

/** Name of a loss. */
export type LossName = (typeof lossNames)[number];
