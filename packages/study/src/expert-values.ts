import type { Families, MixingMeasure } from "@moe-rates/mixture";
import type { ExpertValues, TestPoints } from "@moe-rates/losses";
import { cachedModel } from "./design-models.ts";
import type { ExpertSpec } from "./types.ts";

/** Values h(x, eta_i) of every atom's expert at the points: the regression of a model with that one atom, whose gate is 1 whatever its parameters. */
export function expertValues(
  families: Families,
  expert: ExpertSpec,
  { atoms }: MixingMeasure,
  { points, count }: TestPoints,
): ExpertValues {
  const model = cachedModel(families, "softmax", expert, points.length / count, 1);
  const head = model.channels.filter(({ part }) => part === "expert");
  return atoms.map(({ eta }) => {
    const theta = new Float64Array(model.parameterCount);
    let from = 0;
    for (const { parameter, terms } of head) theta.set(eta.subarray(from, (from += terms)), parameter);
    const values = new Float64Array(count);
    model.regression(theta, points, count, values);
    return values;
  });
}
