import type { MixtureModel } from "@moe-rates/mixture";
import type { LeastSquaresProblem } from "./problem.ts";
import type { Observations } from "./start-policy.ts";

/** S(theta) and J'e (of S/2) by another implementation, in float32 or better; null where it does not know the model. */
export type Recompute = (request: {
  readonly model: MixtureModel;
  readonly data: Observations;
  readonly theta: Float64Array;
}) => { readonly sse: number; readonly gradient: Float64Array } | null;

/** What two computations may differ by, relative to |e|^2 and |J_j| |e|: a hundred thousand roundings of float32. */
const TOLERANCE = 0.01;
/** Share of sum y^2 that is added to |e|^2: residuals that are small beside y are lost in float32. */
const FLOOR = 1e-6;

/** In what a second computation of S and its gradient differs from the problem's own; null when both agree, or when there is none:
 *  |S' - S| <= 0.01 E and |(J'e)'_j - (J'e)_j| <= 0.01 |J_j| E^(1/2) for every j, with E = S + 1e-6 sum w y^2. */
export function recomputedApart(
  recompute: Recompute | undefined,
  model: MixtureModel,
  data: Observations,
  problem: LeastSquaresProblem,
  theta: Float64Array,
): string | null {
  const again = recompute?.({ model, data, theta });
  if (!again) return null;
  const p = problem.dimension;
  const [gradient, norms] = [new Float64Array(p), new Float64Array(p)];
  const sse = problem.derivatives(theta, gradient, norms, new Float64Array(p * p), false);
  const { y, weights } = data;
  const total = y.reduce((sum, value, i) => sum + (weights?.[i] ?? 1) * value * value, 0);
  const scale = sse + FLOOR * total;
  if (!(Math.abs(again.sse - sse) <= TOLERANCE * scale))
    return `a second computation gives the sum of squares ${again.sse.toPrecision(6)}, not ${sse.toPrecision(6)}`;
  const wrong = gradient.findIndex(
    (slope, j) => !(Math.abs(again.gradient[j] - slope) <= TOLERANCE * Math.sqrt(norms[j] * scale)),
  );
  if (wrong < 0) return null;
  return `automatic differentiation gives another derivative in ${model.parameterNames[wrong]}: ${again.gradient[wrong].toPrecision(3)}, not ${gradient[wrong].toPrecision(3)}`;
}
