import { BLOCK, type Kernels } from "@moe-rates/kernels";
import { createEvaluator, type DataBlocks, type MixtureModel, type MixtureObjective } from "@moe-rates/mixture";
import { orthonormalColumns } from "./orthonormal-columns.ts";

/** Predicted gain of adding one atom to a fit, as a function of that atom's parameters (the parameters of the one-atom model).
 *
 *  Translation gauge (MATH section 10): a small mass m at (beta, eta) changes f by m u, u = exp(beta.x)(h - f)/Z. With u_perp the part of
 *  u orthogonal to the Jacobian columns of the fit, T = sum e u / |u_perp| and the sum of squares falls by T^2 when T > 0.
 *  Without a gauge the atom is added whole: u = p(x) h(x), and the sum of squares falls by 2 sum e u - |u_perp|^2.
 *  e = y - f; all sums are weighted. */
export interface ScoreField {
  readonly single: MixtureModel;
  /** Predicted reduction of S at `point` (0 when adding there does not help), and its gradient. */
  gain(point: Float64Array, gradient: Float64Array | null): number;
  /** beta0 that gives the added atom its best mass, in the gauge of the fit; null where there is no mass to choose. */
  intercept(point: Float64Array): number | null;
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
  const free = single.gating.gauge === "translation";
  const u = new Float64Array(m);
  const factor = new Float64Array(m);
  const pull = new Float64Array(m);
  let shift = 0;

  const fillScores = (point: Float64Array): void => {
    f64.set(point, thetaAt);
    shift = -Infinity;
    for (let block = 0; block < data.blocks; block++) {
      evaluator.forward(data.address + block * data.stride, thetaAt, 0);
      const row = block * BLOCK;
      for (let i = 0; i < BLOCK; i++) {
        if (free) {
          const log = f64[evaluator.channels + i] - fit.logTotal[row + i];
          factor[row + i] = log;
          if (log > shift && fit.rootWeight[row + i] > 0) shift = log;
          u[row + i] = f64[evaluator.experts + i] - fit.regression[row + i];
        } else {
          factor[row + i] = 1;
          u[row + i] = f64[evaluator.regression + i];
        }
      }
    }
    for (let i = 0; i < m; i++) {
      factor[i] = (free ? Math.exp(Math.min(0, factor[i] - shift)) : 1) * fit.rootWeight[i];
      u[i] *= factor[i];
    }
  };

  /** <e, u>, |u_perp|^2; leaves u_perp in `pull`. */
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
      fillScores(point);
      const { inner, square, raw } = project();
      gradient?.fill(0);
      if (!(square > 1e-10 * raw) || !Number.isFinite(raw)) return 0;
      const value = free ? (inner > 0 ? (inner * inner) / square : 0) : 2 * inner - square;
      if (gradient === null) return value;
      const ratio = inner / square;
      for (let i = 0; i < m; i++) {
        pull[i] = free ? 2 * ratio * (fit.residual[i] - ratio * pull[i]) : 2 * (fit.residual[i] - pull[i]);
      }
      accumulateGradient(gradient);
      return value;
    },
    intercept(point) {
      if (!free) return null;
      fillScores(point);
      const { inner, square } = project();
      return inner > 0 && square > 0 ? Math.log(inner / square) - shift : null;
    },
  };

  function accumulateGradient(gradient: Float64Array): void {
    for (let block = 0; block < data.blocks; block++) {
      const at = data.address + block * data.stride;
      const row = block * BLOCK;
      evaluator.forward(at, thetaAt, 1);
      single.channels.forEach((channel, c) => {
        const gate = channel.part === "gate";
        const scalar = evaluator.scalars + c * BLOCK;
        for (let t = 0; t < channel.terms; t++) {
          const column = at + (channel.basis + t) * BLOCK;
          let sum = 0;
          for (let i = 0; i < BLOCK; i++) {
            const slope = free && gate ? u[row + i] : factor[row + i] * f64[scalar + i];
            sum += pull[row + i] * slope * f64[column + i];
          }
          if (!(free && gate && channel.names[t] === "beta0")) gradient[channel.parameter + t] += sum;
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
