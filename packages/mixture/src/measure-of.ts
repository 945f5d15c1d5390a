import type { MixtureModel, ModelChannel } from "./model.ts";
import type { MeasureAtom, MeasureGroup, MixingMeasure } from "./types.ts";

/** The mixing measure of a parameter vector, experts that are even in their parameters with the sign of which the last is not negative; with two levels also its groups, with a temperature or top-K gates also those. */
export function measureOf(model: MixtureModel, theta: Float64Array): MixingMeasure {
  const shared = model.channels.find(({ names }) => names[0] === "temperature");
  const temperature = shared && theta[shared.parameter];
  const atoms = Array.from({ length: model.atoms }, (_, atom) => atomOf(model, theta, atom, temperature));
  const { gauge, groups: sizes, activeAtoms } = model.gating;
  if (!sizes)
    return {
      gauge,
      atoms,
      ...(temperature !== undefined && { temperature }),
      ...(activeAtoms !== undefined && { activeAtoms }),
    };
  let from = 0;
  const groups = sizes.map((size, g): MeasureGroup => {
    const own = atoms.slice(from, (from += size));
    const gate = model.channels.filter(({ group }) => group === g);
    const { slopes, intercept } = gateOf(gate, theta, "b");
    return { mass: model.gating.mass(intercept), b: intercept, a: slopes, atoms: own };
  });
  return { gauge, atoms, groups };
}

function atomOf(
  model: MixtureModel,
  theta: Float64Array,
  atom: number,
  temperature: number | undefined,
): MeasureAtom {
  const gate = model.channels.filter((channel) => channel.part === "gate" && channel.atom === atom);
  const head = model.channels.filter((channel) => channel.part === "expert" && channel.atom === atom);
  const { slopes, intercept } = gateOf(gate, theta, "beta0");
  const eta = head.flatMap((channel) => [
    ...theta.subarray(channel.parameter, channel.parameter + channel.terms),
  ]);
  const turned = model.expert.even === true && (eta.at(-1) ?? 0) < 0;
  return {
    mass: model.gating.mass(intercept, temperature),
    beta0: intercept,
    beta1: slopes,
    eta: Float64Array.from(eta, turned ? (value) => -value : undefined),
  };
}

/** Slopes of a gate's channels, in order, and the parameter named `constant` (0 when there is none). */
function gateOf(channels: readonly ModelChannel[], theta: Float64Array, constant: string) {
  const slopes: number[] = [];
  let intercept: number | undefined;
  for (const channel of channels) {
    channel.names.forEach((name, t) => {
      const value = theta[channel.parameter + t];
      if (name === constant) intercept ??= value;
      else slopes.push(value);
    });
  }
  return { slopes: Float64Array.from(slopes), intercept: intercept ?? 0 };
}
