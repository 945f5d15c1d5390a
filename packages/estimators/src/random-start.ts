import type { Stream } from "@moe-rates/math";
import type { MixtureModel, ModelChannel } from "@moe-rates/mixture";
import type { FitData } from "./screening-data.ts";

/** Draws the parameters of one channel into theta. Slopes have a random direction and a length that is log-uniform in units of the
 *  inputs' spread; the intercept puts the zero of the inner product at a random observation; expert slopes are, half of the time,
 *  in units of the response. A lone constant (an output scale) is of the order of the response, with a random sign. */
export function drawChannel(channel: ModelChannel, data: FitData, random: Stream, theta: Float64Array): void {
  const { inputDim, scale, responseScale, x, y } = data;
  const n = y.length;
  const names = channel.names;
  const row = random.integer(n);
  const gate = channel.part === "gate";
  const length = (gate ? 0.25 : 0.2) * Math.exp(random.uniform() * Math.log(gate ? 60 : 30)) / Math.sqrt(inputDim);
  const unit = !gate && random.uniform() < 0.5 ? responseScale : 1;
  let inner = 0;
  for (let t = 0; t < channel.terms; t++) {
    const u = slopeIndex(names[t]);
    if (u === null) continue;
    const slope = ((length * random.normal()) / scale[u]) * unit;
    theta[channel.parameter + t] = slope;
    inner += slope * x[u * n + row];
  }
  for (let t = 0; t < channel.terms; t++) {
    if (slopeIndex(names[t]) !== null) continue;
    if (channel.terms > 1) theta[channel.parameter + t] = -inner;
    else theta[channel.parameter + t] = responseScale * (random.uniform() < 0.5 ? -1 : 1) * Math.exp(1.5 * (random.uniform() - 0.5));
  }
}

function slopeIndex(name: string): number | null {
  const bracket = name.indexOf("[");
  return bracket < 0 ? null : Number(name.slice(bracket + 1, -1));
}

/** A start with every channel drawn at random. */
export function randomStart(model: MixtureModel, data: FitData, random: Stream): Float64Array {
  const theta = new Float64Array(model.parameterCount);
  for (const channel of model.channels) drawChannel(channel, data, random, theta);
  return theta;
}
