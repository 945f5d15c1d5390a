import { BLOCK, type Kernels } from "@moe-rates/kernels";
import { createEvaluator, type DataBlocks, type MixtureModel, type MixtureObjective } from "@moe-rates/mixture";
import { interceptIndex } from "./atom-layout.ts";
import { orthonormalColumns } from "./orthonormal-columns.ts";

/** Predicted gain of adding one atom to a fit, as a function of that atom's parameters (the parameters of the one-atom model).
 *
 *  The atom changes f by u: under a translation gauge u = p (h - f) with p = sigma(s - log Z), s its score and Z the total of the fit;
 *  without a gauge u = p h. After a linearised refit of the other parameters the sum of squares falls by
 *  G = 2 sum e u - |u_perp|^2, u_perp the part of u orthogonal to the Jacobian columns of the fit, e = y - f; sums are weighted.
 *  For small masses m, u is about m exp(s)(h - f)/Z and the maximum of G over m is T^2, T the projected score of MATH section 10;
 *  unlike T, G stays true where the new atom takes over a region. */
export interface ScoreField {
  readonly single: MixtureModel;
  /** G at `point`, and its gradient. */
  gain(point: Float64Array, gradient: Float64Array | null): number;
  /** u_perp / |u_perp| at `point`: two atoms with nearly the same direction are on the same hill. */
  direction(point: Float64Array): Float64Array;
  /** beta0 of the mass that maximises the small-mass expansion of G at the other parameters of `point`; null when the projected score
   *  is not positive or the gate has no gauge. */
  smallMassIntercept(point: Float64Array): number | null;
  /** beta0 at which the atom takes half of the weight at screening observation `row`; null without a gauge. */
  halfWeightIntercept(point: Float64Array, row: number): number | null;
}

/** Doubles of kernel memory that a field allocates. */
export function scoreFieldDoubles(single: MixtureModel): number {
  return (single.channels.length * 2 + 8) * BLOCK + single.parameterCount + 16;
}

export function createScoreField(request: {
  kernels: Kernels;
  data: DataBlocks;
  objective: MixtureObjective;
  theta: Float64Array;
  single: MixtureModel;
}): ScoreField {
  const { kernels, data, objective, theta, single } = request;
  const { f64 } = kernels.memory;
  const m = data.blocks * BLOCK;
  const fit = fitColumns(objective, theta);
  const basis = orthonormalColumns(fit.jacobian, m);
  const evaluator = createEvaluator(single, kernels, 1);
  const thetaAt = kernels.memory.allocate(single.parameterCount);
  const gauge = single.gating.gauge === "translation";
  const intercept = interceptIndex(single, 0);
  const u = new Float64Array(m);
  const weight = new Float64Array(m);
  const difference = new Float64Array(m);
  const pull = new Float64Array(m);

  /** Rooted weights times p in `weight`, h - f (or h) in `difference`, their product in u. `log` true leaves s - log Z in `weight`. */
  const fill = (point: Float64Array, log: boolean): void => {
    f64.set(point, thetaAt);
    for (let block = 0; block < data.blocks; block++) {
      evaluator.forward(data.address + block * data.stride, thetaAt, 0);
      const row = block * BLOCK;
      for (let i = 0; i < BLOCK; i++) {
        const h = f64[evaluator.experts + i];
        difference[row + i] = gauge ? h - fit.regression[row + i] : h;
        const score = gauge ? f64[evaluator.channels + i] - fit.logTotal[row + i] : 0;
        if (log) weight[row + i] = score;
        else weight[row + i] = fit.rootWeight[row + i] * (gauge ? 1 / (1 + Math.exp(-score)) : f64[evaluator.weights + i]);
        u[row + i] = weight[row + i] * difference[row + i];
      }
    }
  };

  /** <e, u>, |u_perp|^2 and |u|^2; leaves u_perp in `pull`. */
  const project = (): { inner: number; square: number; raw: number } => {
    let inner = 0;
    let raw = 0;
    for (let i = 0; i < m; i++) {
      inner += fit.residual[i] * u[i];
      raw += u[i] * u[i];
      pull[i] = u[i];
    }
    for (const column of basis) {
      let dot = 0;
      for (let i = 0; i < m; i++) dot += column[i] * u[i];
      for (let i = 0; i < m; i++) pull[i] -= dot * column[i];
    }
    let square = 0;
    for (let i = 0; i < m; i++) square += pull[i] * pull[i];
    return { inner, square, raw };
  };

  return {
    single,
    gain(point, gradient) {
      fill(point, false);
      const { inner, square, raw } = project();
      gradient?.fill(0);
      if (!Number.isFinite(raw)) return -Infinity;
      if (gradient !== null) {
        for (let i = 0; i < m; i++) pull[i] = 2 * (fit.residual[i] - pull[i]);
        accumulateGradient(gradient);
      }
      return 2 * inner - square;
    },
    direction(point) {
      fill(point, false);
      const { square } = project();
      return pull.map((value) => (square > 0 ? value / Math.sqrt(square) : 0));
    },
    smallMassIntercept(point) {
      if (!gauge || intercept < 0) return null;
      fill(point, true);
      let shift = -Infinity;
      for (let i = 0; i < m; i++) if (fit.rootWeight[i] > 0 && weight[i] > shift) shift = weight[i];
      for (let i = 0; i < m; i++) u[i] = fit.rootWeight[i] * Math.exp(Math.min(0, weight[i] - shift)) * difference[i];
      const { inner, square, raw } = project();
      return inner > 0 && square > 1e-10 * raw ? point[intercept] + Math.log(inner / square) - shift : null;
    },
    halfWeightIntercept(point, row) {
      if (!gauge || intercept < 0) return null;
      let score = 0;
      for (const channel of single.channels) {
        if (channel.part !== "gate") continue;
        const at = data.address + Math.floor(row / BLOCK) * data.stride + (row % BLOCK);
        for (let t = 0; t < channel.terms; t++) {
          if (channel.parameter + t !== intercept) score += point[channel.parameter + t] * f64[at + (channel.basis + t) * BLOCK];
        }
      }
      return fit.logTotal[row] - score;
    },
  };

  function accumulateGradient(gradient: Float64Array): void {
    for (let block = 0; block < data.blocks; block++) {
      const at = data.address + block * data.stride;
      const row = block * BLOCK;
      evaluator.forward(at, thetaAt, 1);
      single.channels.forEach((channel, c) => {
        const scalar = evaluator.scalars + c * BLOCK;
        const taken = gauge && channel.part === "gate";
        for (let t = 0; t < channel.terms; t++) {
          const column = at + (channel.basis + t) * BLOCK;
          let sum = 0;
          for (let i = 0; i < BLOCK; i++) {
            const r = row + i;
            const root = fit.rootWeight[r];
            let slope: number;
            if (!gauge) slope = root * f64[scalar + i];
            else if (taken) slope = root > 0 ? u[r] * (1 - weight[r] / root) : 0;
            else slope = weight[r] * f64[scalar + i];
            sum += pull[r] * slope * f64[column + i];
          }
          gradient[channel.parameter + t] += sum;
        }
      });
    }
  }
}

/** Columns of a fit over all samples, each times the root of the weight: residual, Jacobian; and f and log Z as they are. */
function fitColumns(objective: MixtureObjective, theta: Float64Array) {
  const { model, data, kernels, evaluator } = objective;
  const { f64 } = kernels.memory;
  const m = data.blocks * BLOCK;
  const mark = kernels.memory.mark();
  const thetaAt = kernels.memory.allocate(model.parameterCount);
  f64.set(theta, thetaAt);
  const residual = new Float64Array(m);
  const regression = new Float64Array(m);
  const logTotal = new Float64Array(m);
  const rootWeight = new Float64Array(m);
  const jacobian = Array.from({ length: model.parameterCount }, () => new Float64Array(m));
  for (let block = 0; block < data.blocks; block++) {
    const at = data.address + block * data.stride;
    const row = block * BLOCK;
    evaluator.forward(at, thetaAt, 1);
    for (let i = 0; i < BLOCK; i++) {
      const root = Math.sqrt(f64[at + data.weightColumn + i]);
      rootWeight[row + i] = root;
      regression[row + i] = f64[evaluator.regression + i];
      residual[row + i] = root * (f64[at + data.response + i] - f64[evaluator.regression + i]);
      let top = 0;
      for (let j = 1; j < model.atoms; j++) {
        if (f64[evaluator.weights + j * BLOCK + i] > f64[evaluator.weights + top * BLOCK + i]) top = j;
      }
      logTotal[row + i] = f64[evaluator.channels + top * BLOCK + i] - Math.log(f64[evaluator.weights + top * BLOCK + i]);
    }
    model.channels.forEach((channel, c) => {
      for (let t = 0; t < channel.terms; t++) {
        const out = jacobian[channel.parameter + t];
        const scalar = evaluator.scalars + c * BLOCK;
        const column = at + (channel.basis + t) * BLOCK;
        for (let i = 0; i < BLOCK; i++) out[row + i] = rootWeight[row + i] * f64[scalar + i] * f64[column + i];
      }
    });
  }
  kernels.memory.release(mark);
  return { residual, regression, logTotal, rootWeight, jacobian };
}
