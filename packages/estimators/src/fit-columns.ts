import { BLOCK } from "@moe-rates/kernels";
import { logSumExp } from "@moe-rates/math";
import type { Evaluator, MixtureModel, MixtureObjective } from "@moe-rates/mixture";
import { groupRanges } from "./atom-layout.ts";

/** Columns of a fit over all samples, each times the root of the weight: residual, Jacobian, and the part of the weight that the new atom
 *  competes for (1, or P_g); f and log Z of the atoms it competes with as they are. */
export function fitColumns(objective: MixtureObjective, theta: Float64Array, group: number | null) {
  const { model, data, kernels, evaluator } = objective;
  const { scores } = model.gating;
  const { gate } = evaluator;
  const { f64 } = kernels.memory;
  const m = data.blocks * BLOCK;
  const mark = kernels.memory.mark();
  const thetaAt = kernels.memory.allocate(model.parameterCount);
  f64.set(theta, thetaAt);
  const residual = new Float64Array(m);
  const regression = new Float64Array(m);
  const logTotal = new Float64Array(m);
  const rootWeight = new Float64Array(m);
  const share = group === null ? rootWeight : new Float64Array(m);
  const jacobian = Array.from({ length: model.parameterCount }, () => new Float64Array(m));
  for (let block = 0; block < data.blocks; block++) {
    const at = data.address + block * data.stride;
    const row = block * BLOCK;
    evaluator.forward(at, thetaAt, 1);
    for (let i = 0; i < BLOCK; i++) {
      const root = Math.sqrt(f64[at + data.weightColumn + i]);
      rootWeight[row + i] = share[row + i] = root;
      regression[row + i] = f64[evaluator.regression + i];
      residual[row + i] = root * (f64[at + data.response + i] - f64[evaluator.regression + i]);
      if (group !== null) continue;
      let top = 0;
      for (let j = 1; j < model.atoms; j++) {
        if (f64[evaluator.weights + j * BLOCK + i] > f64[evaluator.weights + top * BLOCK + i]) top = j;
      }
      if (scores)
        logTotal[row + i] =
          f64[scores.value(gate, top) + i] - Math.log(f64[evaluator.weights + top * BLOCK + i]);
    }
    if (group !== null) groupColumns(model, group, evaluator, f64, row, { share, regression, logTotal });
    model.channels.forEach((channel, c) => {
      for (let t = 0; t < channel.terms; t++) {
        const out = jacobian[channel.parameter + t];
        const scalar = evaluator.scalars + c * BLOCK;
        const column = at + (channel.basis + t) * BLOCK;
        for (let i = 0; i < BLOCK; i++)
          out[row + i] = rootWeight[row + i] * f64[scalar + i] * f64[column + i];
      }
    });
  }
  kernels.memory.release(mark);
  return { residual, regression, logTotal, share, jacobian };
}

/** P_g (into `share`, times what it holds), f_g and log Z_g of one block. */
function groupColumns(
  model: MixtureModel,
  group: number,
  evaluator: Evaluator,
  f64: Float64Array,
  row: number,
  out: { share: Float64Array; regression: Float64Array; logTotal: Float64Array },
): void {
  const { first, size } = groupRanges(model)[group];
  const scores = new Float64Array(size);
  for (let i = 0; i < BLOCK; i++) {
    let weight = 0;
    for (let j = 0; j < size; j++) {
      scores[j] = f64[evaluator.channels + (first + j) * BLOCK + i];
      weight += f64[evaluator.weights + (first + j) * BLOCK + i];
    }
    const total = logSumExp(scores);
    let mean = 0;
    for (let j = 0; j < size; j++)
      mean += Math.exp(scores[j] - total) * f64[evaluator.experts + (first + j) * BLOCK + i];
    out.share[row + i] *= weight;
    out.regression[row + i] = mean;
    out.logTotal[row + i] = total;
  }
}
