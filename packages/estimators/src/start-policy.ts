import type { MixtureModel } from "@moe-rates/mixture";

/** How many starts of each kind a global fit tries. `add` counts the local maxima of the score field that are fitted. */
export interface StartPolicy {
  readonly random: number;
  readonly kMeans: number;
  readonly split: number;
  readonly add: number;
  /** Starts that have one atom of the best fit so far drawn anew or moved; more of them while too few starts agree. */
  readonly around: number;
}

/** A start handed in by the caller, such as a point near the truth. */
export interface StartPoint {
  readonly policy: string;
  readonly theta: Float64Array;
}

/** The mixed policy: some of everything. On the shipped over-specified designs split and add find the best basin most often. */
export const mixedPolicy: StartPolicy = { random: 4, kMeans: 1, split: 8, add: 90, around: 16 };

/** For a single data set, where a thorough search costs little: the mixed policy twice over. */
export const thoroughPolicy: StartPolicy = { random: 24, kMeans: 4, split: 32, add: 360, around: 90 };

/** A start that was screened: where it came from and where the optimiser took it. */
export interface ScreenedStart {
  readonly policy: string;
  readonly theta: Float64Array;
  /** Sum of squares reached on the screening data, or on all data when `exact`. */
  readonly sse: number;
  readonly exact: boolean;
  /** A start of the caller's own. */
  readonly given: boolean;
  /** Fitted values at the screening points. */
  readonly fitted: Float64Array;
}

/** Moves starts towards minima of S within the box, all of them at once, before the solver goes on from each: first steps on another
 *  engine, whose precision does not matter. Data are column-major n x d. Returns one vector per start, in their order; null leaves the starts to the
 *  solver. */
export type Presolver = (request: {
  readonly model: MixtureModel;
  readonly box: number;
  readonly data: Observations;
  readonly starts: readonly Float64Array[];
}) => readonly Float64Array[] | null;

/** Data of a fit: x column-major n x d, counts of replicated observations. */
export interface Observations {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly weights?: Float64Array;
}
