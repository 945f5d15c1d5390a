/** A value that an option of a family can take. */
export type OptionValue = string | number | boolean;

/** One option of a gating or expert family, as shown in errors and in the JSON Schema. */
export interface FamilyOption {
  readonly type: "string" | "number" | "integer" | "boolean";
  readonly allowed?: readonly OptionValue[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** An option without default must be given. */
  readonly default?: OptionValue;
  /** True for an option that a published family gained later: at its default it stays out of designs' identities, which keep their names. */
  readonly later?: boolean;
  readonly description: string;
}

/** A parameter of one atom: a vector of `length` numbers, or a single number where `length` is null. */
export interface AtomField {
  readonly name: string;
  readonly length: number | null;
}

/** What a study file needs to know of a family to check it: names and shapes, no numerics. */
export interface FamilyDescription {
  readonly gauge?: "translation" | "none";
  readonly description?: string;
  readonly options: Readonly<Record<string, FamilyOption>>;
  atomFields(inputDim: number, options: Readonly<Record<string, OptionValue>>): readonly AtomField[];
}

/** The families a study may name. A gating's gauge says whether its box is about differences to the mean gate. */
export interface Families {
  readonly gatings: Readonly<Record<string, FamilyDescription & { readonly gauge: "translation" | "none" }>>;
  readonly experts: Readonly<Record<string, FamilyDescription>>;
}
