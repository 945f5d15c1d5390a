import { createSolver, mixtureProblem } from "@moe-rates/estimators";
import { bestKernels } from "@moe-rates/kernels";
import {
  createObjective,
  dataDoubles,
  loadData,
  type MixtureModel,
  objectiveDoubles,
} from "@moe-rates/mixture";
import type { Points } from "./model-jet.ts";

/** Minimises the distance of regression functions while a linear function of the parameters is held away from the truth. */
export interface PinnedProblem {
  /** ||f_theta - f*||, root mean square over the points. */
  distance(theta: Float64Array): number;
  /** A local minimiser of ||f_theta - f*||^2 + (w . theta - target)^2 over the box, from `start`. Whatever the penalty leaves of the
   *  target, the result is on the frontier of distance against w . theta. */
  solve(start: Float64Array, pin: Float64Array, target: number): Float64Array;
}

/** Binds a model to the values of f* at fixed points. */
export function pinnedProblem(
  model: MixtureModel,
  points: Points,
  truth: Float64Array,
  box: number,
): PinnedProblem {
  const { count } = points;
  const { inputDim, normalised, parameterCount: p } = model;
  const doubles = dataDoubles(count, inputDim, normalised) + objectiveDoubles(model, 2 * inputDim + 1) + 4096;
  const kernels = bestKernels(doubles);
  const data = loadData(kernels, { x: points.points, y: truth, inputDim, normalised });
  const objective = createObjective(model, data, kernels);
  const free = mixtureProblem(objective, box);
  let pin = new Float64Array(p);
  let target = 0;
  const miss = (theta: Float64Array): number => pin.reduce((sum, w, i) => sum + w * theta[i], -target);
  const solver = createSolver({
    ...free,
    observations: count + 1,
    value: (theta) => free.value(theta) + count * miss(theta) ** 2,
    derivatives(theta, gradient, norms, hessian, second) {
      const squares = free.derivatives(theta, gradient, norms, hessian, second);
      const error = miss(theta);
      for (let i = 0; i < p; i++) {
        gradient[i] += count * error * pin[i];
        norms[i] += count * pin[i] ** 2;
        for (let j = 0; j < p; j++) hessian[i * p + j] += count * pin[i] * pin[j];
      }
      return squares + count * error * error;
    },
  });
  return {
    distance: (theta) => Math.sqrt(objective.value(theta) / count),
    solve(start, along, to) {
      pin = Float64Array.from(along);
      target = to;
      return solver.solve(start, { maxIterations: 60, cosineTolerance: 1e-7, reductionTolerance: 1e-3 })
        .theta;
    },
  };
}
