import type { Stream } from "@moe-rates/math";
import type { MixtureModel, ModelChannel } from "@moe-rates/mixture";
import { slopeIndex } from "./atom-layout.ts";
import type { FitData } from "./screening-data.ts";

/** Draws the parameters of one channel into theta. Slopes have a random direction and a length that is log-uniform, from 0.2 to 30 in
 *  units of the inputs' spread (the best spare atoms of over-specified fits are often steep); the intercept puts the zero of the inner
 *  product at a random observation; expert slopes are, half of the time, in units of the response. A lone constant (an output scale) is
 *  of the order of the response, with a random sign. Everything is clipped to the box. */
export function drawChannel(
  channel: ModelChannel,
  data: FitData,
  box: number,
  random: Stream,
  theta: Float64Array,
): void {
  const { inputDim, scale, responseScale, x, y } = data;
  const n = y.length;
  const names = channel.names;
  const row = random.integer(n);
  const gate = channel.part === "gate";
  const length = (0.2 * Math.exp(random.uniform() * Math.log(150))) / Math.sqrt(inputDim);
  const unit = !gate && random.uniform() < 0.5 ? responseScale : 1;
  let inner = 0;
  for (let t = 0; t < channel.terms; t++) {
    const u = slopeIndex(names[t]);
    if (u === null) continue;
    const slope = clip(((length * random.normal()) / scale[u]) * unit, box);
    theta[channel.parameter + t] = slope;
    inner += slope * x[u * n + row];
  }
  for (let t = 0; t < channel.terms; t++) {
    if (slopeIndex(names[t]) !== null) continue;
    const lone = responseScale * (random.uniform() < 0.5 ? -1 : 1) * Math.exp(1.5 * (random.uniform() - 0.5));
    theta[channel.parameter + t] = clip(channel.terms > 1 ? -inner : lone, box);
  }
}

function clip(value: number, box: number): number {
  return Math.min(box, Math.max(-box, value));
}

/** A start with every channel drawn at random. */
export function randomStart(model: MixtureModel, data: FitData, box: number, random: Stream): Float64Array {
  const theta = new Float64Array(model.parameterCount);
  for (const channel of model.channels) drawChannel(channel, data, box, random, theta);
  return theta;
}
