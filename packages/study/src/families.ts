import type { Gauge } from "@moe-rates/mixture";

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
  /** The value of a parameter that fits estimate: the truth's; a fit has no such option. */
  readonly estimated?: boolean;
  readonly description: string;
}

/** A parameter of one atom: a vector of `length` numbers, or a single number where `length` is null. */
export interface AtomField {
  readonly name: string;
  readonly length: number | null;
}

/** What a study file needs to know of a family to check it: names and shapes, no numerics. */
export interface FamilyDescription {
  /** Only of gatings. */
  readonly gauge?: Gauge | ((options: Readonly<Record<string, unknown>>) => Gauge);
  readonly description?: string;
  readonly options: Readonly<Record<string, FamilyOption>>;
  /** What is wrong between options that are each allowed, and at which of them. */
  optionsProblem?(options: Readonly<Record<string, OptionValue>>): { option: string; message: string } | null;
  /** Two levels of gates: how many groups, and what the gate of a group carries. */
  readonly groups?: {
    count(options: Readonly<Record<string, OptionValue>>): number;
    fields(inputDim: number): readonly AtomField[];
  };
  atomFields(inputDim: number, options: Readonly<Record<string, OptionValue>>): readonly AtomField[];
}

/** The families a study may name. A gating's gauge says whether its box is about differences to the mean gate. */
export interface Families {
  readonly gatings: Readonly<Record<string, FamilyDescription & Required<Pick<FamilyDescription, "gauge">>>>;
  readonly experts: Readonly<Record<string, FamilyDescription>>;
}
