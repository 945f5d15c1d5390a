import type { DecayChoice } from "./decay-choice.ts";
import { logLogLine } from "./log-log-line.ts";

/** What theory says about the decay of one loss: n^exponent (log n)^logExponent, or one of the cases without an exponent. */
export interface LawStatement {
  readonly kind: "power" | "slower-than-power" | "not-identified" | "none";
  readonly exponent: number | null;
  readonly logExponent: number;
  /** `pointwise`: the rate at a fixed truth. `bound`: an upper bound on the error there. `minimax`: the worst truth of a class. */
  readonly scope: "pointwise" | "minimax" | "bound";
  readonly statement: string;
}

/** Why a measured slope cannot be held against a rate, in words. */
export interface Obstacle {
  readonly kind: "too-many-atoms" | "unidentified" | "start-dependent" | "local-fits" | "not-comparable";
  readonly reason: string;
}

/** Interval of the slope of a high quantile. */
export interface UpperQuantile {
  /** Of the quantile, 0.9 for the 90 % quantile. */
  readonly level: number;
  readonly ci: readonly [number, number];
}

/** What was measured. */
export interface RateEvidence {
  readonly slope: number | null;
  readonly ci: readonly [number, number] | null;
  /** Sample sizes of the regression, ascending. */
  readonly sizes: readonly number[];
  /** p value of "no curvature"; `null` when unknown. */
  readonly curvaturePValue?: number | null;
  /** Slope from the size on from which a power law is tenable. */
  readonly afterBurnIn?: {
    readonly fromN: number;
    readonly slope: number;
    readonly ci: readonly [number, number];
  } | null;
  readonly decay?: DecayChoice | null;
  /** Share of certified fits among those behind the slope. */
  readonly certifiedShare?: number | null;
  readonly obstacles?: readonly Obstacle[];
  /** A high quantile of the same losses, where the slope is that of a median: fits that stay away from the truth show there. */
  readonly upper?: UpperQuantile | null;
}

/** The answer, with its reason in words. */
export interface Verdict {
  readonly verdict: "consistent" | "inconsistent" | "inconclusive" | "refused";
  readonly reason: string;
}

/** Below this share of certified fits a slope is not that of the least-squares estimator. */
const leastCertified = 0.9;
/** p value below which the points bend. */
const bends = 0.05;
/** Slopes above minus this count as flat. */
const flat = 0.1;

/**
 * Holds a measured slope against a law.
 *
 * - `refused` when no slope of this design could answer (obstacles; no statement; no slope).
 * - A minimax law is about the worst truth of a class: always `inconclusive`, whatever the slope.
 * - A bound is met by every slope that is not significantly above it.
 * - A pointwise power law is `inconsistent` when its slope lies outside the interval, `consistent` when it lies inside and the half-width is at most min(0.1, |exponent|/4), otherwise
 *   `inconclusive`. Log factors enter as their least-squares slope over the sizes at hand.
 * - A component that is not identified need not stay away from the truth in every replicate: where its median falls, the high quantile decides (falls too: `inconsistent`; flat: `consistent`).
 * - Where the points bend (curvature p < 0.05) the slope after the burn-in is used; where all stretches bend nothing is decided.
 */
export function verdict(evidence: RateEvidence, law: LawStatement): Verdict {
  const blocked = obstacleFor(evidence, law);
  if (blocked) return { verdict: "refused", reason: blocked };
  if (law.scope === "minimax") {
    return inconclusive(
      "the statement is about the worst truth of a class (minimax); a slope at one truth decides nothing about it",
    );
  }
  if (evidence.slope === null || evidence.ci === null)
    return {
      verdict: "refused",
      reason: "no slope with an interval: it needs two sample sizes and two replicates",
    };
  const { certifiedShare } = evidence;
  if (certifiedShare !== null && certifiedShare !== undefined && certifiedShare < leastCertified) {
    return inconclusive(
      `${percent(certifiedShare)} of the fits are certified; below ${percent(leastCertified)} a slope need not be that of the least-squares estimator`,
    );
  }
  if (law.kind === "slower-than-power") return slowVerdict(evidence);
  if (law.kind === "not-identified") return flatVerdict(evidence.ci, evidence.upper ?? null);
  return powerVerdict(evidence, evidence.ci, law);
}

function obstacleFor({ obstacles = [] }: RateEvidence, { kind }: LawStatement): string | null {
  if (kind === "none") return "there is no statement about this component";
  const about = kind === "not-identified" ? obstacles.filter((one) => one.kind === "local-fits") : obstacles;
  return about.length === 0 ? null : about.map(({ reason }) => reason).join("; ");
}

function powerVerdict(evidence: RateEvidence, whole: readonly [number, number], law: LawStatement): Verdict {
  const bending = (evidence.curvaturePValue ?? 1) < bends;
  const late = bending ? (evidence.afterBurnIn ?? null) : null;
  if (bending && late === null)
    return inconclusive(
      "the points bend at every stretch of four sizes or more: no power law to compare with yet",
    );
  const ci = late?.ci ?? whole;
  const sizes = late ? evidence.sizes.filter((n) => n >= late.fromN) : evidence.sizes;
  const expected = expectedSlope(law, sizes);
  const where = late ? ` from n = ${late.fromN} on (smaller sizes bend)` : "";
  const measured = `the interval [${ci[0].toFixed(3)}, ${ci[1].toFixed(3)}]${where}`;
  const name = `${expected.toFixed(3)}${law.logExponent === 0 ? "" : ", the slope of the law with its log factor over these sizes"}`;
  if (law.scope === "bound") {
    if (ci[0] > expected)
      return { verdict: "inconsistent", reason: `${measured} lies above the bound ${name}` };
    if (ci[1] <= expected)
      return { verdict: "consistent", reason: `${measured} lies below the bound ${name}` };
  }
  if (expected < ci[0] || expected > ci[1])
    return { verdict: "inconsistent", reason: `${measured} does not contain ${name}` };
  const resolution = Math.min(0.1, Math.abs(law.exponent ?? 0) / 4);
  const half = (ci[1] - ci[0]) / 2;
  if (half > resolution) {
    return inconclusive(
      `${measured} contains ${name}, but its half-width ${half.toFixed(3)} exceeds ${resolution.toFixed(3)}: more replicates or sizes are needed`,
    );
  }
  return { verdict: "consistent", reason: `${measured} contains ${name}` };
}

/** Least-squares slope of exponent log n + logExponent log log n on log n over these sizes. */
export function expectedSlope(
  law: Pick<LawStatement, "exponent" | "logExponent">,
  sizes: readonly number[],
): number {
  const exponent = law.exponent ?? 0;
  if (law.logExponent === 0) return exponent;
  const x = Float64Array.from(
    sizes.filter((n) => n > 1),
    Math.log,
  );
  const line = logLogLine(
    x,
    x.map((u) => Math.log(u)),
    x.map(() => 1),
  );
  return exponent + law.logExponent * (line?.slope ?? 0);
}

function slowVerdict({ decay }: RateEvidence): Verdict {
  const unknown =
    "a decay slower than every power cannot be told from a small power over these sizes (four decades and errors of 2 to 3 % are needed)";
  if (!decay || decay.decided === null) return inconclusive(unknown);
  const { advantage, share } = decay.polynomial;
  const ahead = `chi-square ahead by ${Math.abs(advantage).toFixed(1)}, in ${percent(advantage > 0 ? share.share : 1 - share.share)} of the resamples`;
  if (decay.decided === "plateau")
    return { verdict: "consistent", reason: "the points end on a plateau rather than follow a power of n" };
  if (decay.decided === "log")
    return {
      verdict: "consistent",
      reason: `the points follow 1/log^c n rather than a power of n (${ahead})`,
    };
  return { verdict: "inconsistent", reason: `the points follow a power of n (${ahead})` };
}

function flatVerdict(ci: readonly [number, number], upper: UpperQuantile | null): Verdict {
  const interval = shown(ci);
  const course = courseOf(ci);
  if (course === "flat")
    return {
      verdict: "consistent",
      reason: `the loss does not fall: the interval ${interval} of its slope; its level depends on the starts`,
    };
  const above = upper && courseOf(upper.ci);
  const high = upper && `its ${percent(upper.level)} quantile, slope in ${shown(upper.ci)},`;
  if (above === "flat")
    return {
      verdict: "consistent",
      reason: `${high} does not fall: in some replicates the fit stays away from the truth, whatever the interval ${interval} of this slope`,
    };
  if (course === "falling" && (!upper || above === "falling"))
    return {
      verdict: "inconsistent",
      reason: `the loss falls: the interval ${interval} lies below -${flat}${upper ? `, and ${high} falls too` : ""}`,
    };
  return inconclusive(
    course === "falling"
      ? `the loss falls, with its slope in ${interval}; whether ${high} falls too is not decided`
      : `the interval ${interval} holds flat and falling slopes`,
  );
}

/** Whether slopes of an interval are all those of a falling loss, all flat, or both. */
function courseOf([low, high]: readonly [number, number]): "falling" | "flat" | "either" {
  if (high < -flat) return "falling";
  return low > -flat || (low <= 0 && high >= 0 && high - low <= 2 * flat) ? "flat" : "either";
}

function shown(ci: readonly [number, number]): string {
  return `[${ci.map((end) => end.toFixed(3)).join(", ")}]`;
}

function inconclusive(reason: string): Verdict {
  return { verdict: "inconclusive", reason };
}

function percent(share: number): string {
  return `${Math.floor(1000 * share) / 10} %`;
}
