/** Atom of a study file or of a fit, parameters under the theory's names: `{beta1: [..], beta0: .., a: [..], b: ..}`. */
export type NamedAtom = Record<string, number | number[]>;

/** Parameters that belong to no single atom: what all gates share under its name (`{temperature: 0.7}`), and with groups the gate of
 *  each, `{groups: [{a: [..], b: ..}, ...]}`. */
export interface NamedShared {
  readonly [name: string]: number | number[] | readonly NamedAtom[] | undefined;
  readonly groups?: readonly NamedAtom[];
}

/** Atom of a mixing measure. */
export interface MeasureAtom {
  /** exp(beta0); exp(beta0 / tau) with a temperature; sigma(beta0) for sigmoid gates. */
  readonly mass: number;
  readonly beta0: number;
  /** Gate slope, length d; for a router its parameters omega, flattened in the order of the parameter vector. */
  readonly beta1: Float64Array;
  /** Expert parameters in the expert's own order, length q. */
  readonly eta: Float64Array;
}

/** Group of a two-level measure: exp(b) sum_i mass_i delta_(a, beta1_i, eta_i), its atoms weighing exp(beta0_i) within the group. */
export interface MeasureGroup {
  /** exp(b). */
  readonly mass: number;
  readonly b: number;
  /** Slope of the group's gate, length d. */
  readonly a: Float64Array;
  readonly atoms: readonly MeasureAtom[];
}

/** Mixing measure G = sum_i mass_i delta_(beta1_i, eta_i), with the gauge that leaves f_G unchanged. */
export interface MixingMeasure {
  /** `translation`: the same (t1, t0) added to every (beta1_i, beta0_i), with groups at both levels; `intercept`: t0 alone. */
  readonly gauge: "translation" | "intercept" | "none";
  /** With groups, the atoms of all groups one after another. */
  readonly atoms: readonly MeasureAtom[];
  /** tau, shared by all gates: mass = exp(beta0 / tau), and a factor c on all masses shifts every beta0 by tau log c. */
  readonly temperature?: number;
  readonly groups?: readonly MeasureGroup[];
  /** Atoms with a positive weight at each input (top-K). */
  readonly activeAtoms?: number;
}
