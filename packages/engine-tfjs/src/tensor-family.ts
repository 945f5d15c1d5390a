import type { Tensor } from "@tensorflow/tfjs";
import type { MixtureModel } from "@moe-rates/mixture";
import { expertForwards } from "./expert-forwards.ts";
import { gatingForwards } from "./gating-forwards.ts";
import type { Tf } from "./tensorflow.ts";

/** Options of a family, all filled in. */
export type Options = Readonly<Record<string, unknown>>;

/** An expert as a forward pass: h of every atom from its channels, ... x k x q to ... x k (q channels, in the order of the family); `inputs`
 *  are the basis columns ... x m (x first). */
export type ExpertForward = (tf: Tf, channels: Tensor, inputs: Tensor, options: Options) => Tensor;

/** A gating as a forward pass: weights ... x k from its channels ... x C; `inputs` are the basis columns ... x m (x first). */
export type GatingForward = (
  tf: Tf,
  channels: Tensor,
  inputs: Tensor,
  atoms: number,
  options: Options,
) => Tensor;

/** f_G of a model from its channel values ... x C, gate channels first: differentiable in them by TensorFlow. */
export type ModelForward = (tf: Tf, channels: Tensor, inputs: Tensor) => Tensor;

/** Whether the model's families have a forward pass in tensors. */
export function hasForward({ families: { gating, expert } }: MixtureModel): boolean {
  return (
    forwardOf(gating.family, gatingForwards) !== null && forwardOf(expert.family, expertForwards) !== null
  );
}

/** The forward pass of a model. Throws when a family has none: shipped ones have, a plugin's needs to be written as one. */
export function modelForward(model: MixtureModel): ModelForward {
  const { atoms, families } = model;
  const gate = required("gating", families.gating.family, gatingForwards);
  const head = required("expert", families.expert.family, expertForwards);
  const gateChannels = model.gating.channels.length;
  const perAtom = model.expert.channels.length;
  return (tf, channels, inputs) => {
    const lead = channels.shape.slice(0, -1);
    const [own, others] = tf.split(channels, [gateChannels, atoms * perAtom], -1);
    const heads = head(tf, tf.reshape(others, [...lead, atoms, perAtom]), inputs, families.expert.options);
    const weights = gate(tf, own, inputs, atoms, families.gating.options);
    return tf.sum(tf.mul(weights, heads), -1);
  };
}

interface Named {
  readonly name: string;
}

function required<F>(kind: string, family: Named, known: Readonly<Record<string, F>>): F {
  const forward = forwardOf(family, known);
  if (forward === null)
    throw new Error(
      `${kind} "${family.name}" has no forward pass in tensors; engine tfjs knows ${Object.keys(known).join(", ")} and families written as a forward pass`,
    );
  return forward;
}

/** A family's own forward pass, or the one of the shipped family. */
function forwardOf<F>(family: Named, known: Readonly<Record<string, F>>): F | null {
  if ("tensors" in family && typeof family.tensors === "function") return family.tensors as F;
  return Object.hasOwn(known, family.name) ? known[family.name] : null;
}
