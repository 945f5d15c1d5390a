import type { Kernels } from "@moe-rates/kernels";
import type { Stream } from "@moe-rates/math";
import { createObjective, type MixtureModel } from "@moe-rates/mixture";
import { mixtureProblem } from "./mixture-problem.ts";
import { randomStart } from "./random-start.ts";
import { loadColumns, type FitData } from "./screening-data.ts";
import { createSolver } from "./trust-region.ts";
import { copyAtom } from "./atom-layout.ts";

/** Start from clusters of (x, y): Lloyd's algorithm on standardised columns, the single expert fitted to each cluster, and gates of
 *  the linear discriminant of the clusters (pooled within-cluster variances): beta1_j = mu_j / s^2, beta0_j = log pi_j - |mu_j / s|^2 / 2. */
export function kMeansStart(
  kernels: Kernels,
  data: FitData,
  single: MixtureModel,
  model: MixtureModel,
  box: number,
  random: Stream,
): Float64Array {
  const k = model.atoms;
  const d = data.inputDim;
  const cluster = lloyd(data, k, random);
  const start = new Float64Array(model.parameterCount);
  const pooled = new Float64Array(d);
  const counts = new Float64Array(k);
  const means = Array.from({ length: k }, () => new Float64Array(d));
  const n = data.y.length;
  for (let i = 0; i < n; i++) {
    const weight = data.weights?.[i] ?? 1;
    counts[cluster[i]] += weight;
    for (let u = 0; u < d; u++) means[cluster[i]][u] += weight * data.x[u * n + i];
  }
  means.forEach((mean, j) =>
    mean.forEach((sum, u) => (mean[u] = counts[j] > 0 ? sum / counts[j] : data.centre[u])),
  );
  for (let i = 0; i < n; i++) {
    for (let u = 0; u < d; u++)
      pooled[u] += (data.weights?.[i] ?? 1) * (data.x[u * n + i] - means[cluster[i]][u]) ** 2;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let u = 0; u < d; u++) pooled[u] = Math.max(pooled[u] / total, 1e-6 * data.scale[u] ** 2);
  for (let j = 0; j < k; j++) {
    const mark = kernels.memory.mark();
    const weights = Float64Array.from({ length: n }, (_, i) =>
      cluster[i] === j ? (data.weights?.[i] ?? 1) : 0,
    );
    const loaded = loadColumns(kernels, { ...data, weights }, single.normalised);
    const solver = createSolver(mixtureProblem(createObjective(single, loaded.blocks, kernels), box));
    const fitted = solver.solve(randomStart(single, data, box, random), {
      maxIterations: 40,
      reductionTolerance: 0.1,
      cosineTolerance: 1e-2,
    });
    kernels.memory.release(mark);
    copyAtom(single, fitted.theta, 0, model, start, j);
    for (const channel of model.channels) {
      if (channel.part !== "gate" || channel.atom !== j) continue;
      channel.names.forEach((name, t) => {
        const bracket = name.indexOf("[");
        if (bracket >= 0) {
          const u = Number(name.slice(bracket + 1, -1));
          start[channel.parameter + t] = (means[j][u] - data.centre[u]) / pooled[u];
        } else if (name === "beta0") {
          let value = Math.log(Math.max(counts[j], 1) / total);
          for (let u = 0; u < d; u++) value -= (means[j][u] ** 2 - data.centre[u] ** 2) / (2 * pooled[u]);
          start[channel.parameter + t] = value;
        }
      });
    }
  }
  return start;
}

function lloyd(data: FitData, k: number, random: Stream): Int32Array {
  const { x, y, inputDim: d, scale, responseScale } = data;
  const n = y.length;
  const at = (i: number, u: number) => (u < d ? x[u * n + i] / scale[u] : y[i] / responseScale);
  const centres = Array.from({ length: k }, () => {
    const row = random.integer(n);
    return Float64Array.from({ length: d + 1 }, (_, u) => at(row, u));
  });
  const cluster = new Int32Array(n);
  for (let sweep = 0; sweep < 25; sweep++) {
    let moved = 0;
    for (let i = 0; i < n; i++) {
      let best = 0;
      let nearest = Infinity;
      for (let j = 0; j < k; j++) {
        let distance = 0;
        for (let u = 0; u <= d; u++) distance += (at(i, u) - centres[j][u]) ** 2;
        if (distance < nearest) {
          nearest = distance;
          best = j;
        }
      }
      if (cluster[i] !== best) moved++;
      cluster[i] = best;
    }
    const sums = centres.map(() => new Float64Array(d + 1));
    const counts = new Float64Array(k);
    for (let i = 0; i < n; i++) {
      const weight = data.weights?.[i] ?? 1;
      counts[cluster[i]] += weight;
      for (let u = 0; u <= d; u++) sums[cluster[i]][u] += weight * at(i, u);
    }
    for (let j = 0; j < k; j++)
      if (counts[j] > 0) for (let u = 0; u <= d; u++) centres[j][u] = sums[j][u] / counts[j];
    if (moved === 0 && sweep > 0) break;
  }
  return cluster;
}
