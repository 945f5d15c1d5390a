import type { MixtureModel, MixtureObjective } from "@moe-rates/mixture";
import type { LeastSquaresProblem } from "./problem.ts";

/** The box Theta of a model: every expert parameter in [-B, B]; gate parameters in [-B, B], those that a gauge shifts after
 *  subtracting their mean (kept at zero through sum-zero groups); parameters with bounds of their own, the temperature, within those. */
export function modelBox(
  model: MixtureModel,
  box: number,
): Pick<LeastSquaresProblem, "lower" | "upper" | "sumZero"> {
  const lower = new Float64Array(model.parameterCount).fill(-box);
  const upper = new Float64Array(model.parameterCount).fill(box);
  for (const { bounds, parameter, terms } of model.channels) {
    if (!bounds) continue;
    lower.fill(bounds[0], parameter, parameter + terms);
    upper.fill(bounds[1], parameter, parameter + terms);
  }
  return { lower, upper, sumZero: model.gaugeGroups };
}

/** Parameters in which f_G is jointly affine: those of expert channels that no second derivative of the expert
 *  joins, the first of two where they are joined (a, not lambda, of lambda a . x). */
function linearParameters({ expert, channels }: MixtureModel): Int32Array {
  const chosen: number[] = [];
  expert.channels.forEach((_, a) => {
    const bends = expert.secondPairs.some(
      (pair) => pair.includes(a) && pair.every((b) => b === a || chosen.includes(b)),
    );
    if (!bends) chosen.push(a);
  });
  const width = expert.channels.length;
  const experts = channels.filter(({ part }) => part === "expert");
  return Int32Array.from(
    experts
      .filter((_, i) => chosen.includes(i % width))
      .flatMap(({ parameter, terms }) => Array.from({ length: terms }, (_, t) => parameter + t)),
  );
}

/** Least squares of a mixture objective over the box. `source.offset` is added to every sum of squares (the part within compressed cells). */
export function mixtureProblem(
  objective: MixtureObjective,
  box: number,
  source: { readonly offset: number } = { offset: 0 },
): LeastSquaresProblem {
  return {
    ...modelBox(objective.model, box),
    dimension: objective.dimension,
    linear: linearParameters(objective.model),
    observations: objective.data.weight,
    value: (theta) => objective.value(theta) + source.offset,
    derivatives: (theta, gradient, norms, hessian, second) =>
      source.offset + objective.derivatives(theta, gradient, norms, hessian, second),
  };
}
