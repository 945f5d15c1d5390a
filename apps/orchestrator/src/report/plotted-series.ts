import type { LossPointFacts } from "./report-data.ts";

/** A straight or bent line through the plot: value = factor n^exponent (log n)^logExponent. */
export interface PlottedLaw {
  readonly label: string;
  readonly exponent: number;
  readonly logExponent: number;
  readonly kind: "published" | "audited";
}

/** One component of a loss over the sample sizes. */
export interface PlottedSeries {
  readonly name: string;
  /** Ascending in n, with a positive median each. */
  readonly points: readonly LossPointFacts[];
  readonly slope: {
    readonly slope: number;
    readonly standardError: number | null;
    readonly intercept: number;
  } | null;
  /** Laws that theory gives for it. */
  readonly laws: readonly PlottedLaw[];
}
