import type { Kernels } from "@moe-rates/kernels";

/** Which basis columns a channel's parameters multiply: x, (x, 1), or the constant. */
export type GatingBasis = "input" | "affine" | "one";

/** Shifts of all gates at once that leave f unchanged: `translation`, the same (t1, t0) added to every (slope_j, beta0_j);
 *  `intercept`, the same t0 added to every beta0_j; `none`. */
export type Gauge = "translation" | "intercept" | "none";

/** One inner product of the gate: c(x) = (basis columns) . (parameters). A channel of basis `one` is constant over the rows of a block. */
export interface GatingChannel {
  /** Atom the parameters belong to, or null for a shared one. */
  readonly atom: number | null;
  /** Group whose gate it is (`atom` is null then); absent for a channel of an atom and for one that all atoms share. */
  readonly group?: number;
  readonly basis: GatingBasis;
  /** Name of the vector over x and of the constant: `affine` uses both, `input` the first, `one` the second. The constant may be an
   *  entry of a vector, `omega[4]`. */
  readonly slope: string;
  readonly intercept: string;
  /** Index of the channel's first slope in the vector `slope` (0 when absent). */
  readonly slopeFrom?: number;
  /** Lowest and highest value of its parameters, in place of the fit's box. */
  readonly bounds?: readonly [number, number];
  /** Index u of the input on whose scale the parameter lies: a place in the space of x, not a slope. */
  readonly input?: number;
  /** Value of a shared parameter where nothing else is said. */
  readonly value?: number;
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
  /** Basis columns of the block, x_1 .. x_d first, `stride` apart. */
  readonly basis: number;
  /** The gating's own `scratchColumns` columns, `stride` apart; -1 when it asks for none. */
  readonly scratch: number;
}

/** The log-weights of a normalised gate, p_j = exp(score_j) / sum_l exp(score_l): where `weights` and `derivatives` leave them. Starts that add or
 *  split an atom are found through them. With two levels they are those within the groups. */
export interface GatingScores {
  /** Address of score_j after `weights`. */
  value(columns: GatingColumns, atom: number): number;
  /** Address of p_j (h_j - f) after `derivatives`. */
  pull(columns: GatingColumns, atom: number): number;
  /** Channels of an atom's own that score_j depends on, in the order of `channels`. */
  own(atom: number): readonly number[];
  /** Address of d score_j / d(own channel a) after `derivatives`; null where it is the constant 1. */
  first(columns: GatingColumns, atom: number, a: number): number | null;
  /** Address of d2 score_j / d(own channels a <= b) after `derivatives` of order 2; null where it vanishes. */
  second(columns: GatingColumns, atom: number, a: number, b: number): number | null;
}

/** A gating with a fixed number of atoms: weights p_j(x) as functions of channels, with the derivatives of f = sum_j p_j h_j. */
export interface Gating {
  readonly family: string;
  readonly atoms: number;
  readonly gauge: Gauge;
  readonly channels: readonly GatingChannel[];
  /** Two levels: number of atoms of each group; the atoms stand group after group. The gauge then holds among the groups, and among the
   *  atoms of each. */
  readonly groups?: readonly number[];
  /** Pairs (a, b), a <= b, of channels whose second derivative of f does not vanish identically. */
  readonly secondPairs: readonly (readonly [number, number])[];
  /** Entries (a, j): channels a on which weight p_j depends. */
  readonly weightPairs: readonly (readonly [number, number])[];
  /** Scratch columns it needs (default none); `derivatives` finds in them what `weights` left there. */
  readonly scratchColumns?: number;
  /** True where one channel per atom makes up the scores and a common shift of all channels leaves f unchanged: derivatives in the first channel are minus the
   *  sum of those in the others. `derivatives` then fills no column whose address is negative. */
  readonly firstChannelFollows?: boolean;
  /** Absent where the weights are not normalised. */
  readonly scores?: GatingScores;
  /** Atoms with a positive weight at each input, where not all have one. */
  readonly activeAtoms?: number;
  /** Channels of each atom whose sum ranks it, where the atoms that rank first at x are the active ones. */
  readonly ranked?: readonly (readonly number[])[];
  /** Mass of an atom of the mixing measure as a function of its intercept: exp(beta0), exp(beta0 / temperature) or sigma(beta0). */
  mass(intercept: number, temperature?: number): number;
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
  /** The value of a parameter that fits estimate: the truth's; a fit has no such option. */
  readonly estimated?: boolean;
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
  /** The gauge, or how it depends on the options. */
  readonly gauge: Gauge | ((options: Readonly<Record<string, unknown>>) => Gauge);
  readonly options: Readonly<Record<string, FamilyOption>>;
  /** The option that a bare word after the colon sets on the command line (`hierarchical:3`, `top-k:2`). */
  readonly mainOption?: string;
  /** Two levels: how many groups, and the fields of a group in a study file. `atoms` of a study or of the command line counts per group. */
  readonly groups?: {
    count(options: Readonly<Record<string, unknown>>): number;
    fields(inputDim: number): readonly AtomField[];
  };
  /** What is wrong between options that are each allowed, and at which of them; null when nothing is. */
  optionsProblem?(options: Readonly<Record<string, unknown>>): { option: string; message: string } | null;
  /** Fields an atom of a study file carries for this gate. */
  atomFields(inputDim: number, options: Readonly<Record<string, unknown>>): readonly AtomField[];
  /** The gate of so many atoms in all. */
  create(inputDim: number, atoms: number, options: Readonly<Record<string, unknown>>): Gating;
}
