import { logSumExp } from "@moe-rates/math";
import type { MeasureAtom, MixingMeasure } from "@moe-rates/mixture";
import { logMassIn } from "./atom-differences.ts";

/** A measure whose atoms are distinct, and where the original atoms went. */
export interface MergedMeasure {
  readonly measure: MixingMeasure;
  /** `groupOf[i]` is the merged atom that holds original atom i. */
  readonly groupOf: Int32Array;
}

/** Relative distance below which two atoms count as one. */
const COINCIDENT = 1e-8;

/**
 * Merges the atoms of a measure that coincide: ||(beta1_i - beta1_l, eta_i - eta_l)|| <= 1e-8 (1 + scale), where scale is the largest
 * ||(beta1_i, eta_i)||, beta1 taken from the mean gate when the gauge is a translation (so that a change of gauge changes nothing).
 * Chains of near atoms become one atom: masses add up, its place is the mass-weighted mean. Where the gauge is "none" the bias of a merged atom is
 * the logit of its mass, held below 1.
 *
 * Without this, two atoms in one place would count as an over-specified cell and change the exponent of the loss.
 */
export function mergeAtoms(measure: MixingMeasure): MergedMeasure {
  const { atoms } = measure;
  const groupOf = connectedGroups(atoms, COINCIDENT * (1 + largestNorm(measure)));
  const groups = Math.max(-1, ...groupOf) + 1;
  if (groups === atoms.length) return { measure, groupOf };
  const merged: MeasureAtom[] = [];
  for (let group = 0; group < groups; group++) {
    const members = atoms.filter((_, i) => groupOf[i] === group);
    merged.push(members.length === 1 ? members[0] : mergeGroup(members, measure));
  }
  return { measure: { ...measure, atoms: merged }, groupOf };
}

function largestNorm({ atoms, gauge }: MixingMeasure): number {
  const centre = new Float64Array(atoms[0]?.beta1.length ?? 0);
  if (gauge === "translation") {
    for (const { beta1 } of atoms)
      for (let u = 0; u < centre.length; u++) centre[u] += beta1[u] / atoms.length;
  }
  return Math.max(
    0,
    ...atoms.map(({ beta1, eta }) => Math.sqrt(squaredDistance(beta1, centre) + squaredNorm(eta))),
  );
}

/** Group numbers, in order of first appearance, of the graph that joins atoms at most `reach` apart. */
function connectedGroups(atoms: readonly MeasureAtom[], reach: number): Int32Array {
  const groupOf = new Int32Array(atoms.length).fill(-1);
  let groups = 0;
  for (let first = 0; first < atoms.length; first++) {
    if (groupOf[first] >= 0) continue;
    const pending = [first];
    groupOf[first] = groups;
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      for (let l = first + 1; l < atoms.length; l++) {
        if (groupOf[l] >= 0) continue;
        const square =
          squaredDistance(atoms[i].beta1, atoms[l].beta1) + squaredDistance(atoms[i].eta, atoms[l].eta);
        if (Math.sqrt(square) > reach) continue;
        groupOf[l] = groups;
        pending.push(l);
      }
    }
    groups += 1;
  }
  return groupOf;
}

function mergeGroup(members: readonly MeasureAtom[], measure: MixingMeasure): MeasureAtom {
  const unscaled = measure.gauge === "none";
  const logMasses = members.map(unscaled ? ({ mass }) => Math.log(mass) : logMassIn(measure));
  const logTotal = logSumExp(logMasses);
  const shares = logMasses.map((logMass) =>
    logTotal === -Infinity ? 1 / members.length : Math.exp(logMass - logTotal),
  );
  const mean = (vectors: Float64Array[]) =>
    vectors[0].map((_, u) => vectors.reduce((sum, vector, i) => sum + shares[i] * vector[u], 0));
  const mass = Math.exp(logTotal);
  const odds = Math.min(mass, 1 - 2 ** -53);
  return {
    mass,
    beta0: unscaled ? Math.log(odds / (1 - odds)) : (measure.temperature ?? 1) * logTotal,
    beta1: mean(members.map((atom) => atom.beta1)),
    eta: mean(members.map((atom) => atom.eta)),
  };
}

function squaredNorm(a: Float64Array): number {
  let sum = 0;
  for (const value of a) sum += value * value;
  return sum;
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let u = 0; u < a.length; u++) sum += (a[u] - b[u]) ** 2;
  return sum;
}
