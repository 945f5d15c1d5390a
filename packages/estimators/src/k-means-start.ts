import type { Kernels } from "@moe-rates/kernels";
import type { Stream } from "@moe-rates/math";
import { createObjective, type MixtureModel } from "@moe-rates/mixture";
import { mixtureProblem } from "./mixture-problem.ts";
import { drawChannel, randomStart } from "./random-start.ts";
import { loadColumns, type FitData } from "./screening-data.ts";
import { createSolver } from "./trust-region.ts";
import { copyAtom, groupRanges, isShared } from "./atom-layout.ts";
import { discriminantGates } from "./discriminant-gates.ts";

/** Start from clusters of (x, y): Lloyd's algorithm on standardised columns, the single expert fitted to each cluster, and the gates of
 *  `discriminantGates`. With two levels the groups are clusters, and the atoms of each are clusters of its observations. */
export function kMeansStart(
  kernels: Kernels,
  data: FitData,
  single: MixtureModel,
  model: MixtureModel,
  box: number,
  random: Stream,
): Float64Array {
  const start = new Float64Array(model.parameterCount);
  const place = (own: FitData, first: number, size: number) => {
    const cluster = lloyd(own, size, random);
    for (let j = 0; j < size; j++) {
      const mark = kernels.memory.mark();
      const weights = Float64Array.from(cluster, (c, i) => (c === j ? (own.weights?.[i] ?? 1) : 0));
      const loaded = loadColumns(kernels, { ...own, weights }, single.normalised);
      const solver = createSolver(mixtureProblem(createObjective(single, loaded.blocks, kernels), box));
      const fitted = solver.solve(randomStart(single, data, box, random), {
        maxIterations: 40,
        reductionTolerance: 0.1,
        cosineTolerance: 1e-2,
      });
      kernels.memory.release(mark);
      copyAtom(single, fitted.theta, 0, model, start, first + j);
    }
    discriminantGates(own, cluster, size, (j, channel) => channel.atom === first + j, model, start);
  };
  for (const channel of model.channels) if (isShared(channel)) drawChannel(channel, data, box, random, start);
  const groups = groupRanges(model);
  if (!model.gating.groups) {
    place(data, 0, model.atoms);
    return start;
  }
  const group = lloyd(data, groups.length, random);
  groups.forEach(({ first, size }, g) => place(rowsWhere(data, group, g), first, size));
  discriminantGates(data, group, groups.length, (g, channel) => channel.group === g, model, start);
  return start;
}

/** The observations of one cluster, all of them where it is empty. */
function rowsWhere(data: FitData, cluster: Int32Array, wanted: number): FitData {
  const n = data.y.length;
  const rows = Array.from(cluster.keys()).filter((i) => cluster[i] === wanted);
  if (rows.length === 0) return data;
  const columns = Array.from({ length: data.inputDim }, (_, u) => rows.map((i) => data.x[u * n + i]));
  return {
    ...data,
    x: Float64Array.from(columns.flat()),
    y: Float64Array.from(rows, (i) => data.y[i]),
    ...(data.weights ? { weights: Float64Array.from(rows, (i) => data.weights![i]) } : {}),
  };
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
