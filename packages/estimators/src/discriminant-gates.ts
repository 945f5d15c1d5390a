import type { MixtureModel, ModelChannel } from "@moe-rates/mixture";
import { interceptUnit, slopeIndex } from "./atom-layout.ts";
import type { FitData } from "./screening-data.ts";

/** Writes the gates of the linear discriminant of k clusters of the inputs (pooled within-cluster variances) into a start:
 *  beta1_j = mu_j / s^2, beta0_j = log pi_j - |mu_j / s|^2 / 2, both less what the mean of all inputs would get. `owns` says which gate
 *  channels belong to cluster j; the intercept is called beta0, that of a group's gate b. Both are multiplied by the temperature where there
 *  is one. A gate that lies at a place starts at the cluster's mean with beta0_j = log pi_j; parameters omega of a router keep what `start` holds. */
export function discriminantGates(
  data: FitData,
  cluster: Int32Array,
  k: number,
  owns: (j: number, channel: ModelChannel) => boolean,
  model: MixtureModel,
  start: Float64Array,
): void {
  const d = data.inputDim;
  const n = data.y.length;
  const pooled = new Float64Array(d);
  const counts = new Float64Array(k);
  const means = Array.from({ length: k }, () => new Float64Array(d));
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
  const unit = interceptUnit(model, start);
  const linear = model.channels.some(({ names }) => names[0] === "beta1[0]");
  for (let j = 0; j < k; j++) {
    for (const channel of model.channels) {
      if (channel.part !== "gate" || !owns(j, channel)) continue;
      const constant = channel.group === null ? "beta0" : "b";
      if (channel.input !== null) {
        start[channel.parameter] = means[j][channel.input];
        continue;
      }
      if (channel.names[0].startsWith("omega")) continue;
      channel.names.forEach((name, t) => {
        const u = slopeIndex(channel, t, d);
        if (u !== null) {
          start[channel.parameter + t] = ((means[j][u] - data.centre[u]) / pooled[u]) * unit;
        } else if (name === constant) {
          let value = Math.log(Math.max(counts[j], 1) / total);
          for (let v = 0; linear && v < d; v++)
            value -= (means[j][v] ** 2 - data.centre[v] ** 2) / (2 * pooled[v]);
          start[channel.parameter + t] = value * unit;
        }
      });
    }
  }
}
