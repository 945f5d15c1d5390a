import type { MeasureAtom, MixingMeasure } from "@moe-rates/mixture";
import type { LossForm } from "./loss-form.ts";

/** What the Voronoi losses need of a fitted measure with k atoms and a true one with m atoms: differences and masses, as flat tables. */
export interface AtomDifferences {
  readonly k: number;
  readonly m: number;
  readonly d: number;
  /** beta1_i - beta1_j*: k x m x d, component u at `(i * m + j) * d + u`. */
  readonly gate: Float64Array;
  /** beta1_j* - beta1_i of every pair, at `i * m + j`: the translation that would bring atom i to true atom j. */
  readonly offsets: readonly Float64Array[];
  /** ||eta_i - eta_j*||: k x m row-major. */
  readonly expert: Float64Array;
  /** The distances of experts that the loss counts, k x m each: `expert`, or one table per block of expert parameters. */
  readonly expertTerms: readonly Float64Array[];
  /** |tau - tau*|, 0 where the loss does not count it. */
  readonly temperature: number;
  /** Fitted masses divided by exp(logScale), the largest of them being 1 where the gauge has a t0. */
  readonly weights: Float64Array;
  /** Logarithm of the factor taken out of the fitted masses; 0 where the gauge is "none". */
  readonly logScale: number;
  /** W_j*, as they are. */
  readonly trueMasses: Float64Array;
}

/** Runs of expert parameters that belong together, such as a slope or an intercept: their lengths, in order. */
export type ExpertBlocks = readonly number[];

/** Logarithm of an atom's mass in a measure whose gauge has a t0: beta0, or beta0 / tau. */
export function logMassIn({ temperature }: MixingMeasure): (atom: MeasureAtom) => number {
  return temperature === undefined ? ({ beta0 }) => beta0 : ({ beta0 }) => beta0 / temperature;
}

/** Tables of differences between a fitted and a true measure that have passed `assertComparable`. */
export function atomDifferences(
  fitted: MixingMeasure,
  truth: MixingMeasure,
  form: LossForm,
  blocks?: ExpertBlocks,
): AtomDifferences {
  const k = fitted.atoms.length;
  const m = truth.atoms.length;
  const d = truth.atoms[0].beta1.length;
  const scaled = truth.gauge !== "none";
  const logScale = scaled ? Math.max(...fitted.atoms.map(logMassIn(fitted))) : 0;
  const logMass = logMassIn(fitted);
  const trueLogMass = logMassIn(truth);
  const weights = Float64Array.from(fitted.atoms, (atom) =>
    scaled ? Math.exp(logMass(atom) - logScale) : atom.mass,
  );
  const trueMasses = Float64Array.from(truth.atoms, (atom) =>
    scaled ? Math.exp(trueLogMass(atom)) : atom.mass,
  );
  const gate = new Float64Array(k * m * d);
  fitted.atoms.forEach(({ beta1 }, i) => {
    truth.atoms.forEach(({ beta1: trueBeta1 }, j) => {
      for (let u = 0; u < d; u++) gate[(i * m + j) * d + u] = beta1[u] - trueBeta1[u];
    });
  });
  const q = truth.atoms[0].eta.length;
  const expert = expertDistances(fitted, truth, 0, q);
  const offsets = Array.from(expert, (_, at) => gate.slice(at * d, (at + 1) * d).map((value) => -value));
  return {
    k,
    m,
    d,
    gate,
    offsets,
    expert,
    expertTerms: form.blocks && blocks ? blockDistances(fitted, truth, blocks, q) : [expert],
    temperature: form.temperature ? Math.abs(fitted.temperature! - truth.temperature!) : 0,
    weights,
    logScale,
    trueMasses,
  };
}

/** ||.|| of the differences of eta[from], ..., eta[to - 1]: k x m row-major. */
function expertDistances(
  fitted: MixingMeasure,
  truth: MixingMeasure,
  from: number,
  to: number,
): Float64Array {
  const m = truth.atoms.length;
  const distances = new Float64Array(fitted.atoms.length * m);
  fitted.atoms.forEach(({ eta }, i) => {
    truth.atoms.forEach(({ eta: trueEta }, j) => {
      let square = 0;
      for (let s = from; s < to; s++) square += (eta[s] - trueEta[s]) ** 2;
      distances[i * m + j] = Math.sqrt(square);
    });
  });
  return distances;
}

function blockDistances(
  fitted: MixingMeasure,
  truth: MixingMeasure,
  blocks: ExpertBlocks,
  q: number,
): Float64Array[] {
  let from = 0;
  const tables = blocks.map((length) => expertDistances(fitted, truth, from, (from += length)));
  if (from !== q)
    throw new RangeError(`the expert blocks hold ${from} parameters, an atom of the measure ${q}`);
  return tables;
}
