/** Atom of a study file or of a fit, parameters under the theory's names: `{beta1: [..], beta0: .., a: [..], b: ..}`. */
export type NamedAtom = Record<string, number | number[]>;

/** Atom of a mixing measure. */
export interface MeasureAtom {
  /** exp(beta0) where the gauge is a translation (softmax), sigma(beta0) for sigmoid gating. */
  readonly mass: number;
  readonly beta0: number;
  /** Gate slope, length d. */
  readonly beta1: Float64Array;
  /** Expert parameters in the expert's own order, length q. */
  readonly eta: Float64Array;
}

/** Mixing measure G = sum_i mass_i delta_(beta1_i, eta_i), with the gauge that leaves f_G unchanged. */
export interface MixingMeasure {
  readonly gauge: "translation" | "none";
  readonly atoms: readonly MeasureAtom[];
}
