import type { MixingMeasure } from "@moe-rates/mixture";

/** Throws unless a loss between the two measures is defined: one gauge, atoms in both, equal dimensions, finite parameters, some mass, as many groups. */
export function assertComparable(fitted: MixingMeasure, truth: MixingMeasure): void {
  if (fitted.gauge !== truth.gauge) {
    throw new TypeError(
      `a Voronoi loss compares measures of one gauge; the fit has gauge "${fitted.gauge}", the truth "${truth.gauge}"`,
    );
  }
  if (fitted.atoms.length === 0 || truth.atoms.length === 0)
    throw new TypeError("a Voronoi loss needs at least one atom in either measure");
  const { beta1, eta } = truth.atoms[0];
  for (const [name, measure] of Object.entries({ fitted, truth })) {
    measure.atoms.forEach((atom, i) => {
      if (atom.beta1.length !== beta1.length || atom.eta.length !== eta.length) {
        throw new TypeError(
          `${name} atom ${i} has ${atom.beta1.length} gate and ${atom.eta.length} expert parameters; the first true atom has ${beta1.length} and ${eta.length}`,
        );
      }
      const finite =
        atom.beta1.every(Number.isFinite) && atom.eta.every(Number.isFinite) && atom.beta0 < Infinity;
      if (!finite) throw new RangeError(`${name} atom ${i} has a parameter that is not finite`);
    });
    if (!measure.atoms.some((atom) => atom.beta0 > -Infinity))
      throw new RangeError(`the ${name} measure has no mass`);
    if (measure.temperature !== undefined && !(measure.temperature > 0 && measure.temperature < Infinity))
      throw new RangeError(`the ${name} measure has temperature ${measure.temperature}; it must be positive`);
  }
  const groups = [fitted, truth].map((measure) => measure.groups?.length ?? 0);
  if (groups[0] !== groups[1])
    throw new TypeError(
      `the fit has ${groups[0]} groups, the truth ${groups[1]}; groups are matched one to one`,
    );
}
