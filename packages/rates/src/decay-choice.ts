import { logistic } from "@moe-rates/math";
import { decayLaws, decayParameters, linearShapes, plateauShape, type DecayLaw } from "./decay-shapes.ts";
import { shareOf, type Share } from "./estimate.ts";
import type { ResampledSeries } from "./resampled-series.ts";
import { pointCovariance, whitener } from "./whitening.ts";

/** How well one law describes the points. */
export interface DecayFit {
  readonly law: DecayLaw;
  /** The fitted s of n^-s, (log n / n)^s, 1 / (log n)^s or A n^-s + D_inf. */
  readonly exponent: number;
  /** Generalised sum of squares r' Sigma^-1 r. */
  readonly chiSquare: number;
  readonly aic: number;
  readonly bic: number;
  /** Akaike weight exp(-AIC/2) among the laws. */
  readonly weight: number;
  /** The same with BIC. */
  readonly bicWeight: number;
  /** Share of bootstrap samples of replicates in which the law has the lowest AIC. */
  readonly chosen: Share;
}

/** The laws compared, best AIC first. */
export interface DecayChoice {
  readonly fits: readonly DecayFit[];
  /** A power of n against 1/log^s n, both with two parameters. */
  readonly polynomial: {
    /** chi^2 of 1/log^s n minus that of the better of n^-s and (log n / n)^s. */
    readonly advantage: number;
    /** Share of bootstrap samples in which a power of n is the better one. */
    readonly share: Share;
  };
  /** `power`: a power of n, with or without its log factor. `null` when the data do not tell; see `decayChoice`. */
  readonly decided: "power" | "log" | "plateau" | null;
}

type Whiten = (vector: ArrayLike<number>) => Float64Array;

/** What the data are compared with, whitened and freed of the constant: the columns of the linear laws, and the plateau's shapes on a grid. */
interface Candidates {
  /** The whitened constant at unit length. */
  readonly unit: Float64Array;
  readonly linear: readonly { law: Exclude<DecayLaw, "plateau">; column: Float64Array }[];
  /** Shapes x sizes, row-major, and the squared length of each. */
  readonly plateaus: Float64Array;
  readonly lengths: Float64Array;
}

/**
 * Model choice between a power law, a power law with the theory's log factor, 1/log^s n, and a power law that ends on a plateau. Each law is fitted to the log statistics by
 * generalised least squares under their bootstrap covariance (see `pointCovariance`), AIC = chi^2 + 2q, BIC = chi^2 + q log P. The bootstrap over replicates repeats
 * the choice.
 *
 * *Decided* is `plateau` when a plateau lowers chi^2 by 6.63 (a likelihood ratio at 1 %) below every other law. Otherwise, unless a plateau lowers it by
 * 3.84, it is `power` or `log` when that one is ahead of the other by 6 (twenty times as likely) and in 90 % of the bootstrap samples.
 *
 * `null` with fewer than four usable sizes, a size n <= e, or a singular covariance.
 *
 * A slope alone cannot tell 1/log^2 n from (log n / n)^(1/4) over two decades: expect "not decided" below four decades.
 */
export function decayChoice(series: ResampledSeries): DecayChoice | null {
  const at = Array.from(series.x.keys()).filter((p) => !Number.isNaN(series.logs[p]) && series.x[p] > 1);
  if (at.length < 4) return null;
  const covariance = pointCovariance(series, at);
  const whiten = covariance && whitener(covariance, at.length);
  if (!whiten) return null;
  const x = at.map((p) => series.x[p]);
  const candidates = candidatesFor(x, whiten);
  const y = at.map((p) => series.logs[p]);
  const criteria = chiSquares(whiten(y), candidates);
  const plateau = refinedPlateau(x, y, whiten, criteria.get("plateau")!);
  const hits = new Map<DecayLaw, number>(decayLaws.map((law) => [law, 0]));
  let [draws, polynomial] = [0, 0];
  for (let draw = 0; draw < series.drawn.count; draw++) {
    const row = at.map((p) => series.drawn.logs[draw * series.x.length + p]);
    if (row.some(Number.isNaN)) continue;
    draws++;
    const found = chiSquares(whiten(row), candidates);
    const best = lowest(found);
    hits.set(best, hits.get(best)! + 1);
    if (advantageOf((law) => found.get(law)!.chiSquare) > 0) polynomial++;
  }
  const raw = decayLaws.map((law) => {
    const linear = criteria.get(law)!;
    const { chiSquare, exponent } =
      law === "plateau" && plateau.chiSquare < linear.chiSquare ? plateau : linear;
    const parameters = decayParameters[law];
    return {
      law,
      exponent,
      chiSquare,
      aic: chiSquare + 2 * parameters,
      bic: chiSquare + parameters * Math.log(at.length),
    };
  });
  const weights = softmin(raw.map(({ aic }) => aic));
  const bicWeights = softmin(raw.map(({ bic }) => bic));
  const fits = raw
    .map((one, i) => ({
      ...one,
      weight: weights[i],
      bicWeight: bicWeights[i],
      chosen: shareOf(hits.get(one.law)!, draws),
    }))
    .toSorted((a, b) => a.aic - b.aic);
  const chiSquareOf = (law: DecayLaw): number => raw.find((one) => one.law === law)!.chiSquare;
  const advantage = advantageOf(chiSquareOf);
  const share = shareOf(polynomial, draws);
  const others = Math.min(chiSquareOf("power"), chiSquareOf("power-log"), chiSquareOf("log"));
  return {
    fits,
    polynomial: { advantage, share },
    decided: decide(others - chiSquareOf("plateau"), advantage, share.share),
  };
}

/** chi^2 by which a power of n, with or without its log factor, is ahead of 1/log^s n. */
function advantageOf(chiSquareOf: (law: DecayLaw) => number): number {
  return chiSquareOf("log") - Math.min(chiSquareOf("power"), chiSquareOf("power-log"));
}

function decide(plateauGain: number, advantage: number, share: number): DecayChoice["decided"] {
  if (plateauGain > 6.63) return "plateau";
  if (plateauGain > 3.84 || Math.abs(advantage) < 6) return null;
  if (advantage > 0) return share >= 0.9 ? "power" : null;
  return share <= 0.1 ? "log" : null;
}

const plateauExponents = Array.from({ length: 16 }, (_, i) => 0.1 * 20 ** (i / 15));
const plateauLogits = Array.from({ length: 17 }, (_, i) => -4 + i / 2);

function candidatesFor(x: readonly number[], whiten: Whiten): Candidates {
  const centre = middle(x);
  const laws = ["power", "power-log", "log"] as const;
  const ones = whiten(x.map(() => 1));
  const length = Math.sqrt(dot(ones, ones));
  const unit = ones.map((one) => one / length);
  const shapes = plateauExponents.flatMap((exponent) =>
    plateauLogits.map((logit) =>
      without(whiten(x.map((one) => plateauShape(one, centre, exponent, logistic(logit)))), unit),
    ),
  );
  return {
    unit,
    linear: laws.map((law) => ({ law, column: without(whiten(x.map(linearShapes[law])), unit) })),
    plateaus: Float64Array.from(shapes.flatMap((shape) => [...shape])),
    lengths: Float64Array.from(shapes, (shape) => dot(shape, shape)),
  };
}

interface Criterion {
  readonly chiSquare: number;
  readonly exponent: number;
}

interface GridCriterion extends Criterion {
  readonly logit: number;
}

interface Criteria extends ReadonlyMap<DecayLaw, Criterion> {
  get(law: "plateau"): GridCriterion | undefined;
  get(law: DecayLaw): Criterion | undefined;
}

/** Generalised sums of squares of a whitened vector under every law. */
function chiSquares(y: Float64Array, { unit, linear, plateaus, lengths }: Candidates): Criteria {
  const r = without(y, unit);
  const square = dot(r, r);
  const found = new Map<DecayLaw, Criterion>();
  for (const { law, column } of linear) {
    const exponent = dot(r, column) / dot(column, column);
    found.set(law, { exponent, chiSquare: Math.max(0, square - exponent * dot(r, column)) });
  }
  let [best, at] = [Infinity, 0];
  for (let shape = 0; shape < lengths.length; shape++) {
    let inner = 0;
    for (let i = 0; i < r.length; i++) inner += r[i] * plateaus[shape * r.length + i];
    const chiSquare = square - 2 * inner + lengths[shape];
    if (chiSquare < best) [best, at] = [chiSquare, shape];
  }
  const grid: GridCriterion = {
    chiSquare: Math.max(0, best),
    exponent: plateauExponents[Math.floor(at / plateauLogits.length)],
    logit: plateauLogits[at % plateauLogits.length],
  };
  return found.set("plateau", grid) as Criteria;
}

function lowest(criteria: Criteria): DecayLaw {
  const aic = (law: DecayLaw): number => criteria.get(law)!.chiSquare + 2 * decayParameters[law];
  return decayLaws.reduce((best, law) => (aic(law) < aic(best) ? law : best));
}

function without(vector: Float64Array, unit: Float64Array): Float64Array {
  const shift = dot(vector, unit);
  return vector.map((one, i) => one - shift * unit[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Pattern search from the best point of the grid, in (log exponent, logit of the plateau's share). */
function refinedPlateau(
  x: readonly number[],
  y: readonly number[],
  whiten: Whiten,
  grid: GridCriterion,
): Criterion {
  const [centre, ones] = [middle(x), whiten(x.map(() => 1))];
  const length = Math.sqrt(dot(ones, ones));
  const unit = ones.map((one) => one / length);
  const at = (logExponent: number, logit: number): number => {
    const shape = x.map((one) => plateauShape(one, centre, Math.exp(logExponent), logistic(logit)));
    const residual = without(whiten(y.map((one, i) => one - shape[i])), unit);
    return dot(residual, residual);
  };
  const start = [Math.log(grid.exponent), grid.logit] as const;
  let best = { logExponent: start[0], logit: start[1], chiSquare: at(...start) };
  for (let step = 0.25; step > 1e-3; step /= 2) {
    for (const [u, v] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      const next = { logExponent: best.logExponent + u * step, logit: best.logit + v * step };
      const chiSquare = at(next.logExponent, next.logit);
      if (chiSquare < best.chiSquare && next.logExponent <= Math.log(2) && Math.abs(next.logit) <= 4)
        best = { ...next, chiSquare };
    }
  }
  return { chiSquare: best.chiSquare, exponent: Math.exp(best.logExponent) };
}

function middle(x: readonly number[]): number {
  return (x[0] + x[x.length - 1]) / 2;
}

function softmin(values: readonly number[]): number[] {
  const least = Math.min(...values);
  const terms = values.map((value) => Math.exp((least - value) / 2));
  const total = terms.reduce((sum, term) => sum + term, 0);
  return terms.map((term) => term / total);
}
