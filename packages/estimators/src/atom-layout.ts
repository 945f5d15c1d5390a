import type { MixtureModel } from "@moe-rates/mixture";

/** Copies the parameters of one atom (gate and expert) between two models of the same families. */
export function copyAtom(
  from: MixtureModel,
  theta: Float64Array,
  atom: number,
  to: MixtureModel,
  target: Float64Array,
  place: number,
): void {
  const source = from.channels.filter((channel) => channel.atom === atom);
  const sink = to.channels.filter((channel) => channel.atom === place);
  source.forEach((channel, c) => {
    for (let t = 0; t < channel.terms; t++) target[sink[c].parameter + t] = theta[channel.parameter + t];
  });
}

/** Copies all atoms and the shared parameters of a smaller model into the first places of a larger one. */
export function copyAtoms(
  from: MixtureModel,
  theta: Float64Array,
  to: MixtureModel,
  target: Float64Array,
): void {
  for (let atom = 0; atom < from.atoms; atom++) copyAtom(from, theta, atom, to, target, atom);
  const shared = to.channels.filter((channel) => channel.atom === null);
  from.channels
    .filter((channel) => channel.atom === null)
    .forEach((channel, c) => {
      for (let t = 0; t < channel.terms; t++) target[shared[c].parameter + t] = theta[channel.parameter + t];
    });
}

/** Index of the gate intercept beta0 of an atom, or -1 when its gate has none. */
export function interceptIndex(model: MixtureModel, atom: number): number {
  for (const channel of model.channels) {
    if (channel.part !== "gate" || channel.atom !== atom) continue;
    const t = channel.names.indexOf("beta0");
    if (t >= 0) return channel.parameter + t;
  }
  return -1;
}

/** Index u of a slope parameter named `field[u]`, or null for an intercept or a lone constant. */
export function slopeIndex(name: string): number | null {
  const bracket = name.indexOf("[");
  return bracket < 0 ? null : Number(name.slice(bracket + 1, -1));
}
