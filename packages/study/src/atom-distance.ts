import type { LeastSquaresProblem } from "@moe-rates/estimators";
import type { MixtureModel } from "@moe-rates/mixture";

/** Places in theta of an atom's gate bias, gate slope and expert parameters, the parts that `sigmoid-d3` measures apart. */
export type AtomParts = readonly Int32Array[];

/** The parts of every atom of a model of sigmoid gates, in one order for all atoms. */
export function atomParts(model: MixtureModel): AtomParts[] {
  return Array.from({ length: model.atoms }, (_, atom) => {
    const places = model.channels
      .filter((channel) => channel.atom === atom)
      .flatMap(({ part, parameter, names }) =>
        names.map((name, t) => ({
          part: part === "expert" ? 2 : name === "beta0" ? 0 : 1,
          place: parameter + t,
        })),
      );
    return [0, 1, 2].map((own) =>
      Int32Array.from(places.filter(({ part }) => part === own).map(({ place }) => place)),
    );
  });
}

/** Atom of `target` in whose cell each atom of `fitted` lies: the nearest in (beta1, eta), the lowest of several. */
export function cellsOf(parts: readonly AtomParts[], fitted: Float64Array, target: Float64Array): Int32Array {
  return Int32Array.from(parts, (_, i) => {
    const squares = parts.map((_own, j) =>
      [1, 2].reduce((sum, part) => sum + square(parts, fitted, i, target, j, part), 0),
    );
    return squares.indexOf(Math.min(...squares));
  });
}

/** `sigmoid-d3` of one target: the sum over atoms of |beta0| + ||beta1|| + ||eta|| of their differences to the atom in whose cell they lie. */
export function atomDistance(
  parts: readonly AtomParts[],
  fitted: Float64Array,
  target: Float64Array,
): number {
  const cells = cellsOf(parts, fitted, target);
  let sum = 0;
  parts.forEach((own, i) =>
    own.forEach((_places, part) => (sum += Math.sqrt(square(parts, fitted, i, target, cells[i], part)))),
  );
  return sum;
}

/** What pulls a parameter vector to a fit: `weight` sum_i sum_parts (|part_i of the fit - part of atom cells_i|^2 + rounding^2)^(1/2). */
export interface Pull {
  readonly parts: readonly AtomParts[];
  readonly fitted: Float64Array;
  readonly cells: Int32Array;
  readonly weight: number;
  readonly rounding: number;
}

/** The problem with twice the pull added to S: its gradient and Hessian, of S/2, get those of the pull. */
export function withPull(problem: LeastSquaresProblem, pull: Pull): LeastSquaresProblem {
  const { parts, fitted, cells, weight, rounding } = pull;
  const p = problem.dimension;
  const lengthOf = (theta: Float64Array, i: number, part: number) =>
    Math.sqrt(square(parts, fitted, i, theta, cells[i], part) + rounding ** 2);
  const { linear: _, ...rest } = problem;
  return {
    ...rest,
    value(theta) {
      let sum = 0;
      parts.forEach((own, i) => own.forEach((_places, part) => (sum += lengthOf(theta, i, part))));
      return problem.value(theta) + 2 * weight * sum;
    },
    derivatives(theta, gradient, norms, hessian, second) {
      let sum = 0;
      const sse = problem.derivatives(theta, gradient, norms, hessian, second);
      parts.forEach((own, i) =>
        own.forEach((from, part) => {
          const to = parts[cells[i]][part];
          const length = lengthOf(theta, i, part);
          sum += length;
          const slope = (u: number) => (theta[to[u]] - fitted[from[u]]) / length;
          for (let u = 0; u < to.length; u++) {
            gradient[to[u]] += weight * slope(u);
            norms[to[u]] += weight / length;
            for (let v = 0; v < to.length; v++)
              hessian[to[u] * p + to[v]] += (weight * ((u === v ? 1 : 0) - slope(u) * slope(v))) / length;
          }
        }),
      );
      return sse + 2 * weight * sum;
    },
  };
}

function square(
  parts: readonly AtomParts[],
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  part: number,
): number {
  const [from, to] = [parts[i][part], parts[j][part]];
  let sum = 0;
  for (let u = 0; u < from.length; u++) sum += (a[from[u]] - b[to[u]]) ** 2;
  return sum;
}
