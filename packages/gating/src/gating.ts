import type { Kernels } from "@moe-rates/kernels";

/** Which basis columns a channel's parameters multiply: x, (x, 1), or the constant. */
export type GatingBasis = "input" | "affine" | "one";

/** One inner product of the gate: c(x) = (basis columns) . (parameters). */
export interface GatingChannel {
  /** Atom the parameters belong to, or null for a shared one. */
  readonly atom: number | null;
  /** Group whose gate it is (`atom` is null then); absent for a channel of an atom and for one that all atoms share. */
  readonly group?: number;
  readonly basis: GatingBasis;
  /** Name of the vector over x (length d) and of the constant: `affine` uses both, `input` the first, `one` the second. */
  readonly slope: string;
  readonly intercept: string;
}

/** Addresses of BLOCK-long columns a gating reads and writes for one block. */
export interface GatingColumns {
  /** Doubles from one of several consecutive columns to the next (BLOCK). */
  readonly stride: number;
  /** Channel values c_a, one address per channel, `stride` apart. */
  readonly channels: readonly number[];
  /** Weights p_j, consecutive columns `stride` apart from this address. */
  readonly weights: number;
  /** Expert values h_j, consecutive columns `stride` apart. */
  readonly experts: number;
  /** f = sum_j p_j h_j. */
  readonly regression: number;
  /** Output: df/dc_a, consecutive columns `stride` apart. */
  readonly first: number;
  /** Output, for pair a <= b of `secondPairs` in that order: d2f/(dc_a dc_b). */
  readonly second: readonly number[];
  /** Output, for entry (a, j) of `weightPairs` in that order: dp_j/dc_a. */
  readonly weightFirst: readonly number[];
  /** As many consecutive columns `stride` apart as the gating asks for; `derivatives` finds in them what `weights` left there. */
  readonly scratch?: number;
}

/** A gating with a fixed number of atoms: weights p_j(x) as functions of channels, with the derivatives of f = sum_j p_j h_j. */
export interface Gating {
  readonly family: string;
  readonly atoms: number;
  /** `translation`: unchanged when the same (t1, t0) is added to every (beta1_j, beta0_j). */
  readonly gauge: "translation" | "none";
  readonly channels: readonly GatingChannel[];
  /** Two levels: number of atoms of each group; the atoms stand group after group. The gauge then holds among the groups, and among the
   *  atoms of each. */
  readonly groups?: readonly number[];
  /** Scratch columns it needs (default none). */
  readonly scratchColumns?: number;
  /** Pairs (a, b), a <= b, of channels whose second derivative of f does not vanish identically. */
  readonly secondPairs: readonly (readonly [number, number])[];
  /** Entries (a, j): channels a on which weight p_j depends. */
  readonly weightPairs: readonly (readonly [number, number])[];
  /** Mass of an atom of the mixing measure as a function of its intercept: exp(beta0) or sigma(beta0). */
  mass(intercept: number): number;
  weights(kernels: Kernels, columns: GatingColumns, n: number): void;
  /** Fills `first` (order 1), and `second` and `weightFirst` (order 2). Weights, experts and regression are already there. */
  derivatives(kernels: Kernels, columns: GatingColumns, n: number, order: 1 | 2): void;
}

/** An option of a family as study files, the command line and the JSON Schema see it. */
export interface FamilyOption {
  readonly type: "string" | "number" | "integer" | "boolean";
  readonly allowed?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: string | number | boolean;
  /** True for an option that a published family gained later: at its default it stays out of designs' identities, which keep their names. */
  readonly later?: boolean;
  readonly description: string;
}

/** Parameter vector of an atom in a study file; `length` null is a number. */
export interface AtomField {
  readonly name: string;
  readonly length: number | null;
}

/** A gating family: one file, one line in the registry. */
export interface GatingFamily {
  readonly name: string;
  readonly description: string;
  readonly gauge: "translation" | "none";
  readonly options: Readonly<Record<string, FamilyOption>>;
  /** The option that a bare word after the colon sets on the command line (`hierarchical:3`). */
  readonly mainOption?: string;
  /** Two levels: how many groups, and the fields of a group in a study file. `atoms` of a study or of the command line counts per group. */
  readonly groups?: {
    count(options: Readonly<Record<string, unknown>>): number;
    fields(inputDim: number): readonly AtomField[];
  };
  /** Fields an atom of a study file carries for this gate. */
  atomFields(inputDim: number, options: Readonly<Record<string, unknown>>): readonly AtomField[];
  /** The gate of so many atoms in all. */
  create(inputDim: number, atoms: number, options: Readonly<Record<string, unknown>>): Gating;
}
