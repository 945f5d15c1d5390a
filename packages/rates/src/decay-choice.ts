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
  /** The law whose weight is at least 0.95 and which most bootstrap samples choose; `null` when the data do not tell. */
  readonly decided: DecayLaw | null;
}

type Whiten = (vector: ArrayLike<number>) => Float64Array;

/** What the data are compared with: linear laws by their whitened column, the plateau by whitened shapes on a grid. */
interface Candidates {
  readonly ones: Float64Array;
  readonly linear: readonly { law: Exclude<DecayLaw, "plateau">; column: Float64Array }[];
  readonly plateaus: readonly Float64Array[];
}

/**
 * Model choice between a power law, a power law with the theory's log factor, 1/log^s n, and a power law that ends on a plateau. Each law is fitted to the log statistics by
 * generalised least squares under their bootstrap covariance (see `pointCovariance`), AIC = chi^2 + 2q, BIC = chi^2 + q log P. The bootstrap over replicates repeats
 * the choice. `null` with fewer than four usable sizes, a size n <= e, or a singular covariance.
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
  const plateau = refinedPlateau(x, y, whiten);
  const hits = new Map<DecayLaw, number>(decayLaws.map((law) => [law, 0]));
  let draws = 0;
  for (let draw = 0; draw < series.drawn.count; draw++) {
    const row = at.map((p) => series.drawn.logs[draw * series.x.length + p]);
    if (row.some(Number.isNaN)) continue;
    draws++;
    const best = lowest(chiSquares(whiten(row), candidates));
    hits.set(best, hits.get(best)! + 1);
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
  const [best] = fits;
  return { fits, decided: best.weight >= 0.95 && best.chosen.share > 0.5 ? best.law : null };
}

const plateauExponents = Array.from({ length: 16 }, (_, i) => 0.1 * 20 ** (i / 15));
const plateauLogits = Array.from({ length: 17 }, (_, i) => -4 + i / 2);

function candidatesFor(x: readonly number[], whiten: Whiten): Candidates {
  const centre = middle(x);
  const laws = ["power", "power-log", "log"] as const;
  return {
    ones: whiten(x.map(() => 1)),
    linear: laws.map((law) => ({ law, column: whiten(x.map(linearShapes[law])) })),
    plateaus: plateauExponents.flatMap((exponent) =>
      plateauLogits.map((logit) =>
        whiten(x.map((one) => plateauShape(one, centre, exponent, logistic(logit)))),
      ),
    ),
  };
}

interface Criterion {
  readonly chiSquare: number;
  readonly exponent: number;
}

function chiSquares(y: Float64Array, { ones, linear, plateaus }: Candidates): Map<DecayLaw, Criterion> {
  const found = new Map<DecayLaw, Criterion>();
  for (const { law, column } of linear) found.set(law, twoColumns(y, ones, column));
  let best = { chiSquare: Infinity, exponent: NaN };
  plateaus.forEach((shape, index) => {
    const chiSquare = oneColumn(y, ones, shape);
    if (chiSquare < best.chiSquare)
      best = { chiSquare, exponent: plateauExponents[Math.floor(index / plateauLogits.length)] };
  });
  return found.set("plateau", best);
}

function lowest(criteria: ReadonlyMap<DecayLaw, Criterion>): DecayLaw {
  const aic = (law: DecayLaw): number => criteria.get(law)!.chiSquare + 2 * decayParameters[law];
  return decayLaws.reduce((best, law) => (aic(law) < aic(best) ? law : best));
}

/** |y - b1 - b2 column|^2 at its minimum, by projecting off `ones` first. */
function twoColumns(y: Float64Array, ones: Float64Array, column: Float64Array): Criterion {
  const [r, c] = [without(y, ones), without(column, ones)];
  const exponent = dot(r, c) / dot(c, c);
  return { exponent, chiSquare: r.reduce((sum, one, i) => sum + (one - exponent * c[i]) ** 2, 0) };
}

function oneColumn(y: Float64Array, ones: Float64Array, shape: Float64Array): number {
  let [inner, scale] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    inner += (y[i] - shape[i]) * ones[i];
    scale += ones[i] ** 2;
  }
  const shift = inner / scale;
  let sum = 0;
  for (let i = 0; i < y.length; i++) sum += (y[i] - shape[i] - shift * ones[i]) ** 2;
  return sum;
}

function without(vector: Float64Array, ones: Float64Array): Float64Array {
  const shift = dot(vector, ones) / dot(ones, ones);
  return vector.map((one, i) => one - shift * ones[i]);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, one, i) => sum + one * b[i], 0);
}

/** Pattern search from the best point of the grid, in (log exponent, logit of the plateau's share). */
function refinedPlateau(x: readonly number[], y: readonly number[], whiten: Whiten): Criterion {
  const [target, ones, centre] = [whiten(y), whiten(x.map(() => 1)), middle(x)];
  const at = (logExponent: number, logit: number): number =>
    oneColumn(
      target,
      ones,
      whiten(x.map((one) => plateauShape(one, centre, Math.exp(logExponent), logistic(logit)))),
    );
  let best = { logExponent: 0, logit: 0, chiSquare: Infinity };
  for (const exponent of plateauExponents)
    for (const logit of plateauLogits) {
      const chiSquare = at(Math.log(exponent), logit);
      if (chiSquare < best.chiSquare) best = { logExponent: Math.log(exponent), logit, chiSquare };
    }
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
