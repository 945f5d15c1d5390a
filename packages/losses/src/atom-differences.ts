import type { MixingMeasure } from "@moe-rates/mixture";

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
  /** Fitted masses divided by exp(logScale), the largest of them being 1 where the gauge is a translation. */
  readonly weights: Float64Array;
  /** Logarithm of the factor taken out of the fitted masses; 0 where the gauge is "none". */
  readonly logScale: number;
  /** W_j*, as they are. */
  readonly trueMasses: Float64Array;
}

/** Tables of differences between a fitted and a true measure that have passed `assertComparable`. */
export function atomDifferences(fitted: MixingMeasure, truth: MixingMeasure): AtomDifferences {
  const k = fitted.atoms.length;
  const m = truth.atoms.length;
  const d = truth.atoms[0].beta1.length;
  const translation = truth.gauge === "translation";
  const logScale = translation ? Math.max(...fitted.atoms.map((atom) => atom.beta0)) : 0;
  const weights = Float64Array.from(fitted.atoms, (atom) =>
    translation ? Math.exp(atom.beta0 - logScale) : atom.mass,
  );
  const trueMasses = Float64Array.from(truth.atoms, (atom) =>
    translation ? Math.exp(atom.beta0) : atom.mass,
  );
  const gate = new Float64Array(k * m * d);
  const expert = new Float64Array(k * m);
  fitted.atoms.forEach(({ beta1, eta }, i) => {
    truth.atoms.forEach(({ beta1: trueBeta1, eta: trueEta }, j) => {
      for (let u = 0; u < d; u++) gate[(i * m + j) * d + u] = beta1[u] - trueBeta1[u];
      let square = 0;
      for (let s = 0; s < eta.length; s++) square += (eta[s] - trueEta[s]) ** 2;
      expert[i * m + j] = Math.sqrt(square);
    });
  });
  const offsets = Array.from(expert, (_, at) => gate.slice(at * d, (at + 1) * d).map((value) => -value));
  return { k, m, d, gate, offsets, expert, weights, logScale, trueMasses };
}
