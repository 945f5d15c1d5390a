/** How a quantity falls with n, as a theorem or an argument states it: n^exponent (log n)^logExponent for `power`.
 *  `slower-than-power`: slower than every n^-s. `not-identified`: does not fall at all. `none`: nothing is claimed. */
export interface PredictedLaw {
  readonly kind: "power" | "slower-than-power" | "not-identified" | "none";
  /** -0.5 for n^-1/2; null unless `power`. */
  readonly exponent: number | null;
  /** Power of log n that multiplies: 0.5 in (log n / n)^(1/2). */
  readonly logExponent: number;
  /** `pointwise`: at one fixed G*. `minimax`: the worst case over a class of G*. `bound`: an upper bound at a fixed G*. */
  readonly scope: "pointwise" | "minimax" | "bound";
  readonly statement: string;
  readonly source: string;
}

/** (log n / n)^s, an upper bound at a fixed G*. */
export function publishedBound(s: number, source: string): PredictedLaw {
  return {
    kind: "power",
    exponent: -s,
    logExponent: s,
    scope: "bound",
    statement: `O_P((log n / n)^${fraction(s)})`,
    source,
  };
}

/** n^-s at a fixed G*, without logarithm. */
export function pointwiseRate(s: number, source: string): PredictedLaw {
  return {
    kind: "power",
    exponent: -s,
    logExponent: 0,
    scope: "pointwise",
    statement: `n^-${fraction(s)}`,
    source,
  };
}

/** A minimax lower bound that no power of n reaches. */
export function slowerThanPower(source: string): PredictedLaw {
  return {
    kind: "slower-than-power",
    exponent: null,
    logExponent: 0,
    scope: "minimax",
    statement: "slower than n^(-1/2r) for every r >= 1",
    source,
  };
}

/** No convergence at a fixed G*: some exact equality f_G = f_G* leaves the quantity free. */
export function notIdentified(source: string): PredictedLaw {
  return {
    kind: "not-identified",
    exponent: null,
    logExponent: 0,
    scope: "pointwise",
    statement: "does not converge: other parameters give the same regression function",
    source,
  };
}

/** The law of |error|^power, given that of |error|. */
export function poweredLaw(law: PredictedLaw, power: number): PredictedLaw {
  if (law.kind !== "power" || law.exponent === null || power === 1) return law;
  const exponent = law.exponent * power;
  const s = -exponent;
  return {
    ...law,
    exponent,
    logExponent: law.logExponent * power,
    statement: law.logExponent === 0 ? `n^-${fraction(s)}` : `O_P((log n / n)^${fraction(s)})`,
  };
}

/** The slower of two laws: what the sum of both quantities follows. */
export function slowerLaw(a: PredictedLaw, b: PredictedLaw): PredictedLaw {
  const rank = { "not-identified": 0, "slower-than-power": 1, power: 2, none: 3 };
  if (rank[a.kind] !== rank[b.kind]) return rank[a.kind] < rank[b.kind] ? a : b;
  return (a.exponent ?? 0) >= (b.exponent ?? 0) ? a : b;
}

/** `1/4` for 0.25, `(1/12)`-like fractions for 1/s integers, decimals otherwise. */
function fraction(s: number): string {
  for (let denominator = 1; denominator <= 24; denominator++) {
    const numerator = s * denominator;
    if (Math.abs(numerator - Math.round(numerator)) > 1e-9) continue;
    return denominator === 1 ? String(Math.round(numerator)) : `(${Math.round(numerator)}/${denominator})`;
  }
  return s.toPrecision(3);
}
