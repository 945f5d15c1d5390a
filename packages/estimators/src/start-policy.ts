/** How many starts of each kind a global fit tries. `add` counts the local maxima of the score field that are fitted. */
export interface StartPolicy {
  readonly random: number;
  readonly kMeans: number;
  readonly split: number;
  readonly add: number;
}

/** A start handed in by the caller, such as a point near the truth. */
export interface StartPoint {
  readonly policy: string;
  readonly theta: Float64Array;
}

/** The mixed policy: some of everything. On the shipped over-specified designs split and add find the best basin most often. */
export const mixedPolicy: StartPolicy = { random: 12, kMeans: 2, split: 16, add: 180 };

/** A start that was screened: where it came from and where the optimiser took it. */
export interface ScreenedStart {
  readonly policy: string;
  readonly theta: Float64Array;
  /** Sum of squares reached on the screening data. */
  readonly sse: number;
  /** Fitted values at the screening points. */
  readonly fitted: Float64Array;
  readonly evaluations: number;
}
