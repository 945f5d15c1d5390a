import type { MixtureModel, NamedAtom, NamedShared } from "@moe-rates/mixture";
import type { ExpertSymmetries } from "./expert-symmetries.ts";

/** A truth as a rule of a witness sees it. */
export interface WitnessTruth {
  readonly model: MixtureModel;
  readonly atoms: readonly NamedAtom[];
  readonly shared: NamedShared;
  readonly symmetries: ExpertSymmetries;
  /** An atom with half the mass of `atom`. */
  half(atom: NamedAtom): NamedAtom;
  /** First atom of every group (one of all where there are no groups) that can be split, or null when one group has none. */
  readonly splittable: readonly number[] | null;
}

/** Other atoms with the same regression function. */
export interface WitnessAtoms {
  readonly atoms: readonly NamedAtom[];
  readonly shared?: NamedShared;
}

/** A rule that gives another measure with the same regression function, where its conditions hold. */
export interface WitnessRule {
  readonly id: string;
  readonly statement: string;
  build(truth: WitnessTruth): WitnessAtoms | null;
}

/** A field of an atom, 0 where it is absent. */
export const number = (atom: NamedAtom, name: string): number => Number(atom[name] ?? 0);
/** A vector of an atom, empty where it is absent. */
export const vector = (atom: NamedAtom, name: string): number[] =>
  Array.isArray(atom[name]) ? atom[name] : [];

/** The atom with the component `name` ("b", "a[1]") of its parameters changed. */
export function changed(atom: NamedAtom, name: string, change: (value: number) => number): NamedAtom {
  const [, field, index] = /^([^[]+)(?:\[(\d+)\])?$/u.exec(name) ?? [];
  const value = atom[field];
  if (index === undefined) return { ...atom, [field]: change(Number(value)) };
  return { ...atom, [field]: (value as number[]).map((one, u) => (u === Number(index) ? change(one) : one)) };
}

/** The atom with all its expert parameters multiplied. */
export const multiplied = (atom: NamedAtom, names: readonly string[], factor: number): NamedAtom =>
  names.reduce((done, name) => changed(done, name, (value) => factor * value), atom);

/** Replaces one atom in every group by its halves, changed. */
export function splitEach(
  { atoms, splittable, half, shared }: WitnessTruth,
  halves: (atom: NamedAtom) => readonly [NamedAtom, NamedAtom],
): WitnessAtoms | null {
  if (splittable === null) return null;
  return {
    shared,
    atoms: atoms.flatMap((atom, j) => (splittable.includes(j) ? halves(half(atom)) : [atom])),
  };
}

/** Name of the gating family. */
export const family = ({ model }: WitnessTruth): string => model.gating.family;
/** Gate slopes of all atoms. */
export const slopes = (truth: WitnessTruth): number[][] => truth.atoms.map((atom) => vector(atom, "beta1"));
/** Whether a slope is zero. */
export const flat = (slope: readonly number[]): boolean => slope.every((value) => value === 0);
/** Whether gates are sigmoid and not normalised. */
export const sigmoid = (truth: WitnessTruth): boolean =>
  family(truth) === "sigmoid" && truth.model.families.gating.options["normalised"] !== true;
/** 1 / (1 + exp(-z)). */
export const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
/** An option of the expert family. */
export const expertOption = ({ model }: WitnessTruth, name: string): unknown =>
  model.families.expert.options[name];

/** Whether all the named components of an atom are zero. */
export function allZero(atom: NamedAtom, names: readonly string[]): boolean {
  return names.every((name) => {
    const [, field, index] = /^([^[]+)(?:\[(\d+)\])?$/u.exec(name) ?? [];
    return (index === undefined ? number(atom, field) : vector(atom, field)[Number(index)]) === 0;
  });
}
