import type { Kernels } from "@moe-rates/kernels";

/** Which basis columns an expert channel's parameters multiply: x, (x, 1), x/|x|, (1, x/|x|), or the constant. */
export type ExpertBasis = "input" | "affine" | "normalised" | "normalised-affine" | "one";

/** One inner product of an expert: c(x) = (basis columns) . (parameters). */
export interface ExpertChannel {
  readonly basis: ExpertBasis;
  /** Name of the vector over the input (length d), unused by `one`. */
  readonly slope: string;
  /** Name of the constant, unused by `input` and `normalised`. */
  readonly intercept: string;
}

/** Addresses of BLOCK-long columns an expert reads and writes for one block and one atom. */
export interface ExpertColumns {
  /** Channel values c_a, one address per channel. */
  readonly channels: readonly number[];
  /** Output: h. */
  readonly value: number;
  /** Output: dh/dc_a, one address per channel. */
  readonly first: readonly number[];
  /** Output, for pair (a, b) of `secondPairs` in that order: d2h/(dc_a dc_b). */
  readonly second: readonly number[];
  /** Basis columns of the block: x_1 .. x_d first, BLOCK apart. */
  readonly basis?: number;
  /** Columns that hold nothing between calls, as many as the expert asks for. */
  readonly scratch?: readonly number[];
}

/** An expert h(x, eta) as a function of channels. */
export interface Expert {
  readonly family: string;
  readonly channels: readonly ExpertChannel[];
  /** Pairs (a, b), a <= b, of channels whose second derivative does not vanish identically. */
  readonly secondPairs: readonly (readonly [number, number])[];
  /** Scratch columns it needs (default none). */
  readonly scratchColumns?: number;
  /** True where h is the only channel itself: what is known then (dh/dc = 1) need not be computed. */
  readonly identity?: boolean;
  /** True where h(x, -eta) = h(x, eta) for every eta: measures carry the sign of which the last parameter is not negative. */
  readonly even?: boolean;
  /** Writes h, with `order` 1 also the first derivatives, with 2 also the second ones. */
  evaluate(kernels: Kernels, columns: ExpertColumns, n: number, order: 0 | 1 | 2): void;
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

/** Parameter of an atom in a study file; `length` null is a number. */
export interface AtomField {
  readonly name: string;
  readonly length: number | null;
}

/** An expert family: one file, one line in the registry. */
export interface ExpertFamily {
  readonly name: string;
  readonly description: string;
  readonly options: Readonly<Record<string, FamilyOption>>;
  /** The option that a bare word after the colon sets on the command line (`ffn:tanh`, `polynomial:3`). */
  readonly mainOption?: string;
  /** Fields an atom of a study file carries for this expert. */
  atomFields(inputDim: number, options: Readonly<Record<string, unknown>>): readonly AtomField[];
  create(inputDim: number, options: Readonly<Record<string, unknown>>): Expert;
}
