import type { MixtureModel, ModelChannel } from "@moe-rates/mixture";

/** First atom and number of atoms of each group; one group of all where the gate has one level. */
export function groupRanges(model: MixtureModel): { first: number; size: number }[] {
  let first = 0;
  return (model.gating.groups ?? [model.atoms]).map((size) => {
    const range = { first, size };
    first += size;
    return range;
  });
}

/** Group of an atom; 0 where the gate has one level. */
export function groupOf(model: MixtureModel, atom: number): number {
  return groupRanges(model).findIndex(({ first, size }) => atom < first + size);
}

/** Place in a model with one atom more of every atom of the smaller one, then of the new atom: groups keep the order of their atoms,
 *  and the group that grew has the new one last. */
export function atomPlaces(from: MixtureModel, to: MixtureModel): { old: number[]; added: number } {
  if (!from.gating.groups || !to.gating.groups)
    return { old: Array.from({ length: from.atoms }, (_, j) => j), added: to.atoms - 1 };
  const [before, after] = [groupRanges(from), groupRanges(to)];
  const grown = after.findIndex(({ size }, g) => size > before[g].size);
  return {
    old: before.flatMap(({ size }, g) => Array.from({ length: size }, (_, i) => after[g].first + i)),
    added: after[grown].first + after[grown].size - 1,
  };
}

/** Gate channels that decide the weight of an atom: its own, or with two levels those of its group where it is the only one there. */
function decidingGate(model: MixtureModel, atom: number): ModelChannel[] {
  const group = groupOf(model, atom);
  const alone = model.gating.groups?.[group] === 1;
  return model.channels.filter(
    (channel) => channel.part === "gate" && (alone ? channel.group === group : channel.atom === atom),
  );
}

/** Copies the parameters of one atom (gate and expert) between two models of the same families. The gate of an atom of a one-level
 *  model becomes the gate of the group where the atom is alone in one. */
export function copyAtom(
  from: MixtureModel,
  theta: Float64Array,
  atom: number,
  to: MixtureModel,
  target: Float64Array,
  place: number,
): void {
  const own = (model: MixtureModel, index: number, part: "gate" | "expert") =>
    model.channels.filter((channel) => channel.part === part && channel.atom === index);
  const becomesGroup = to.gating.groups !== undefined && from.gating.groups === undefined;
  const gate = becomesGroup ? decidingGate(to, place) : own(to, place, "gate");
  copyChannels([...own(from, atom, "gate"), ...own(from, atom, "expert")], theta, target, [
    ...gate,
    ...own(to, place, "expert"),
  ]);
}

/** Copies all atoms, the shared parameters and the gates of groups of a smaller model into the places of `atomPlaces`. */
export function copyAtoms(
  from: MixtureModel,
  theta: Float64Array,
  to: MixtureModel,
  target: Float64Array,
): void {
  atomPlaces(from, to).old.forEach((place, atom) => copyAtom(from, theta, atom, to, target, place));
  const shared = from.channels.filter((channel) => channel.atom === null);
  copyChannels(
    shared,
    theta,
    target,
    to.channels.filter((channel) => channel.atom === null),
  );
}

/** theta with two groups of one size in each other's place. */
export function swapGroups(model: MixtureModel, theta: Float64Array, a: number, b: number): Float64Array {
  const swapped = Float64Array.from(theta);
  if (a === b) return swapped;
  const ranges = groupRanges(model);
  for (const [from, to] of [
    [a, b],
    [b, a],
  ]) {
    const gate = (group: number) => model.channels.filter((channel) => channel.group === group);
    copyChannels(gate(from), theta, swapped, gate(to));
    for (let i = 0; i < ranges[from].size; i++)
      copyAtom(model, theta, ranges[from].first + i, model, swapped, ranges[to].first + i);
  }
  return swapped;
}

function copyChannels(
  from: readonly ModelChannel[],
  theta: Float64Array,
  target: Float64Array,
  to: readonly ModelChannel[],
): void {
  from.forEach((channel, c) => {
    for (let t = 0; t < channel.terms; t++) target[to[c].parameter + t] = theta[channel.parameter + t];
  });
}

/** Index of the intercept that decides the mass of an atom, beta0 or with an atom alone in its group b, or -1 when its gate has none. */
export function interceptIndex(model: MixtureModel, atom: number): number {
  for (const channel of decidingGate(model, atom)) {
    const t = channel.names.findIndex((name) => name === "beta0" || (channel.group !== null && name === "b"));
    if (t >= 0) return channel.parameter + t;
  }
  return -1;
}

/** Input u that parameter t of a channel is the slope of (of x_u or of x_u / |x|), or null for an intercept or a lone constant. */
export function slopeIndex({ basis }: ModelChannel, t: number, inputDim: number): number | null {
  const column = basis + t;
  if (column === inputDim) return null;
  return column < inputDim ? column : column - inputDim - 1;
}

/** Whether a channel belongs to all atoms together. */
export function isShared({ atom, group }: ModelChannel): boolean {
  return atom === null && group === null;
}

/** Index of the shared temperature in the parameter vector, or -1. */
export function temperatureIndex(model: MixtureModel): number {
  for (const { atom, names, parameter } of model.channels) {
    if (atom === null && names[0] === "temperature") return parameter;
  }
  return -1;
}

/** How far beta0 moves when the mass of its atom is multiplied by e: the temperature, 1 without one. */
export function interceptUnit(model: MixtureModel, theta: Float64Array): number {
  const at = temperatureIndex(model);
  return at < 0 ? 1 : theta[at];
}
