/** Laws that a decaying loss may follow, as log D over log n. */
export type DecayLaw = "power" | "power-log" | "log" | "plateau";

export const decayLaws = ["power", "power-log", "log", "plateau"] as const satisfies readonly DecayLaw[];

/** Free parameters of each law. */
export const decayParameters: Readonly<Record<DecayLaw, number>> = {
  power: 2,
  "power-log": 2,
  log: 2,
  plateau: 3,
};

/**
 * What multiplies the exponent s in log D = c + s g(n): power n^-s: g = -log n; power-log (log n / n)^s: g = log log n - log n; log 1 / (log n)^s: g =
 * -log log n. Needs n > 1 for the last two.
 */
export const linearShapes: Readonly<Record<Exclude<DecayLaw, "plateau">, (logN: number) => number>> = {
  power: (logN) => -logN,
  "power-log": (logN) => Math.log(logN) - logN,
  log: (logN) => -Math.log(logN),
};

/** Plateau law D = A n^-s + D_inf as log D = c + g(n): g = log((1 - w) exp(-s (log n - centre)) + w), w the share of D_inf at the centre. */
export function plateauShape(logN: number, centre: number, exponent: number, share: number): number {
  return Math.log((1 - share) * Math.exp(-exponent * (logN - centre)) + share);
}
