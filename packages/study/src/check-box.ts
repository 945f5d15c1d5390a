import { gaugeOf } from "@moe-rates/mixture";
import { familyFields, type PartialModel } from "./model-family.ts";
import type { NamedAtom } from "./types.ts";

/** The coordinate of the truth that asks for the widest box. */
export interface WidestCoordinate {
  /** `|a|`, or `|beta1 - mean gate|` where the parameter is known up to a common shift. */
  readonly label: string;
  readonly value: number;
}

/**
 * The largest coordinate of the truth in the sense of the box: max |eta| over expert parameters; for gates max |beta - mean_j beta_j| where the gauge
 * shifts beta and max |beta| elsewhere; with two levels per group, and |a - mean group gate| for the gates of groups. Only parts that the fitted model
 * shares with the truth (same family) count; null when none does.
 */
export function widestCoordinate(
  truth: PartialModel,
  fit: PartialModel,
  inputDim: number,
  atoms: readonly NamedAtom[],
  groups: readonly NamedAtom[] | null = null,
): WidestCoordinate | null {
  const coordinates: WidestCoordinate[] = [];
  if (truth.expert !== null && fit.expert?.spec.family === truth.expert.spec.family) {
    const fitted = familyFields(fit.expert, inputDim).map((field) => field.name);
    for (const { name } of familyFields(truth.expert, inputDim)) {
      if (fitted.includes(name))
        coordinates.push({ label: `|${name}|`, value: largest(atoms.map((atom) => numbersOf(atom[name]))) });
    }
  }
  if (truth.gating !== null && fit.gating?.spec.family === truth.gating.spec.family) {
    const gauge = gaugeOf(truth.gating.description, truth.gating.options);
    for (const { name } of familyFields(truth.gating, inputDim)) {
      const centred = gauge === "translation" || (gauge === "intercept" && name === "beta0");
      const levels = atomsByGroup(atoms, groups).map((own) => own.map((atom) => numbersOf(atom[name])));
      coordinates.push(
        centred
          ? { label: `|${name} - mean gate|`, value: largest(levels.flatMap(subtractMean)) }
          : { label: `|${name}|`, value: largest(levels.flat()) },
      );
    }
    for (const name of Object.keys(groups?.[0] ?? {})) {
      const vectors = groups!.map((group) => numbersOf(group[name]));
      coordinates.push({ label: `|${name} - mean group gate|`, value: largest(subtractMean(vectors)) });
    }
  }
  return coordinates.reduce<WidestCoordinate | null>(
    (widest, next) => (widest === null || next.value > widest.value ? next : widest),
    null,
  );
}

/** The atoms of each group; one group of all where there is one level. */
function atomsByGroup(
  atoms: readonly NamedAtom[],
  groups: readonly NamedAtom[] | null,
): (readonly NamedAtom[])[] {
  if (groups === null) return [atoms];
  const size = atoms.length / groups.length;
  return groups.map((_, g) => atoms.slice(g * size, (g + 1) * size));
}

/** Whether a coordinate lies in the box, rounding of the mean gate aside. */
export function boxContains(box: number, value: number): boolean {
  return value <= box * (1 + 1e-12);
}

/** The smallest number of at most three significant digits that is not below `value`: a box to suggest. */
export function roundUp(value: number): number {
  const rounded = Number(value.toPrecision(3));
  if (boxContains(rounded, value)) return rounded;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return Number(((Math.floor(value / unit) + 1) * unit).toPrecision(3));
}

function numbersOf(value: number | number[]): number[] {
  return typeof value === "number" ? [value] : value;
}

function largest(vectors: readonly (readonly number[])[]): number {
  return vectors.flat().reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 0);
}

function subtractMean(vectors: readonly (readonly number[])[]): number[][] {
  const means = vectors[0].map((_, u) =>
    vectors.reduce((sum, vector) => sum + vector[u] / vectors.length, 0),
  );
  return vectors.map((vector) => vector.map((value, u) => value - means[u]));
}
