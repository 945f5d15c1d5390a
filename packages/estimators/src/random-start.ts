import type { Stream } from "@moe-rates/math";
import type { MixtureModel, ModelChannel } from "@moe-rates/mixture";
import { copyAtom, groupOf, slopeIndex } from "./atom-layout.ts";
import type { FitData } from "./screening-data.ts";

/** Lengths of slopes in units of the inputs' spread. */
const FLAT = 0.2;
const STEEP = 30;
const STEEPEST = 300;

/** Draws the parameters of one channel into theta. Slopes have a random direction and a length that is log-uniform, from 0.2 to 30
 *  (half of the time to 300, in a box that allows it) in units of the inputs' spread: the best spare atoms of over-specified fits are
 *  often steep. The intercept puts the zero of the inner product at a random observation; expert slopes are, half of the time, in units
 *  of the response. A lone constant of an expert (an output scale) is of the order of the response, with a random sign; of a gate see
 *  `drawConstant`. Everything is clipped to the box. */
export function drawChannel(
  channel: ModelChannel,
  data: FitData,
  box: number,
  random: Stream,
  theta: Float64Array,
): void {
  const { inputDim, scale, responseScale, x, y } = data;
  const n = y.length;
  if (channel.part === "gate" && channel.basis === inputDim) {
    drawConstant(channel, data, box, random, theta);
    return;
  }
  const row = random.integer(n);
  const gate = channel.part === "gate";
  const wide = random.uniform() < 0.5 ? Math.min(STEEPEST, box * Math.min(...scale)) : STEEP;
  const steepest = Math.max(STEEP, wide);
  const length = (FLAT * Math.exp(random.uniform() * Math.log(steepest / FLAT))) / Math.sqrt(inputDim);
  const unit = !gate && random.uniform() < 0.5 ? responseScale : 1;
  let inner = 0;
  for (let t = 0; t < channel.terms; t++) {
    const u = slopeIndex(channel, t, inputDim);
    if (u === null) continue;
    const slope = clip(((length * random.normal()) / scale[u]) * unit, box);
    theta[channel.parameter + t] = slope;
    inner += slope * x[u * n + row];
  }
  for (let t = 0; t < channel.terms; t++) {
    if (slopeIndex(channel, t, inputDim) !== null) continue;
    const lone = responseScale * (random.uniform() < 0.5 ? -1 : 1) * Math.exp(1.5 * (random.uniform() - 0.5));
    theta[channel.parameter + t] = clip(channel.terms > 1 ? -inner : lone, box);
  }
}

function clip(value: number, box: number): number {
  return Math.min(box, Math.max(-box, value));
}

/** Draws a lone constant of a gate: one with positive bounds (the temperature) log-uniform within a factor 4 of their geometric mean and within
 *  them; a place near a random observation, others (beta0 of a router, its weights) normal with standard deviation 2. */
function drawConstant(
  channel: ModelChannel,
  data: FitData,
  box: number,
  random: Stream,
  theta: Float64Array,
): void {
  const { bounds, input, parameter } = channel;
  if (input !== null) {
    const { x, y, scale } = data;
    const at = x[input * y.length + random.integer(y.length)];
    theta[parameter] = clip(at + 0.5 * scale[input] * random.normal(), box);
    return;
  }
  if (bounds && bounds[0] > 0) {
    const middle = Math.sqrt(bounds[0] * bounds[1]);
    const drawn = middle * 4 ** (2 * random.uniform() - 1);
    theta[parameter] = Math.min(bounds[1], Math.max(bounds[0], drawn));
    return;
  }
  theta[parameter] = clip(2 * random.normal(), box);
}

/** A start with every channel drawn at random. */
export function randomStart(model: MixtureModel, data: FitData, box: number, random: Stream): Float64Array {
  const theta = new Float64Array(model.parameterCount);
  for (const channel of model.channels) drawChannel(channel, data, box, random, theta);
  return theta;
}

/** A fit with one atom, chosen at random, changed: expert drawn anew, gate drawn anew, or every parameter moved by about a third of
 *  the largest one of its channel. With two levels also: the gate of its group drawn anew, or the atom in the place of one of
 *  another group. `drawn` is true where something was drawn anew. */
export function redrawnAtom(
  model: MixtureModel,
  theta: Float64Array,
  data: FitData,
  box: number,
  random: Stream,
): { start: Float64Array; drawn: boolean } {
  const start = Float64Array.from(theta);
  const atom = random.integer(model.atoms);
  const kind = random.integer(model.gating.groups ? 5 : 3);
  const group = groupOf(model, atom);
  if (kind === 4) {
    const others = Array.from({ length: model.atoms }, (_, j) => j).filter(
      (j) => groupOf(model, j) !== group,
    );
    const other = others[random.integer(others.length)];
    copyAtom(model, theta, atom, model, start, other);
    copyAtom(model, theta, other, model, start, atom);
    return { start, drawn: false };
  }
  for (const channel of model.channels) {
    if (kind === 3 ? channel.group !== group : channel.atom !== atom) continue;
    if (kind === 3) drawChannel(channel, data, box, random, start);
    else if (kind < 2) {
      if (channel.part === (kind === 0 ? "expert" : "gate")) drawChannel(channel, data, box, random, start);
    } else {
      let size = 0;
      for (let t = 0; t < channel.terms; t++) size = Math.max(size, Math.abs(theta[channel.parameter + t]));
      for (let t = 0; t < channel.terms; t++) start[channel.parameter + t] += 0.3 * size * random.normal();
    }
  }
  return { start, drawn: kind !== 2 };
}
