import type { Stream } from "@moe-rates/math";
import type { MixtureModel } from "@moe-rates/mixture";

/** Training by stochastic gradients: so many passes over the data in random order, a step per batch of rows on the mean of
 *  (f(x_i) - y_i)^2 over the batch. `sgd` moves by learningRate times the gradient, `adam` as Kingma and Ba (2015) with their constants. */
export interface TrainingPlan {
  readonly method: "sgd" | "adam";
  readonly epochs: number;
  readonly learningRate: number;
  /** Rows of a batch; the last one of a pass may be shorter. */
  readonly batch: number;
}

/** Trains every start of several replicates of one size, all of them together. Data are column-major n x d; `shuffles` has the stream of a
 *  replicate's orders. Returns parameters in the order of `starts`; they may be non-finite where training diverged. */
export type Trainer = (request: {
  readonly model: MixtureModel;
  readonly plan: TrainingPlan;
  readonly data: readonly { readonly x: Float64Array; readonly y: Float64Array }[];
  readonly shuffles: readonly Stream[];
  /** The same number of starts for every replicate. */
  readonly starts: readonly (readonly Float64Array[])[];
}) => Float64Array[][];
