import type { Tensor } from "@tensorflow/tfjs";
import { groupSizes } from "@moe-rates/gating";
import { activations } from "./expert-forwards.ts";
import type { GatingForward, Options } from "./tensor-family.ts";
import type { Tf } from "./tensorflow.ts";

/** The shipped gatings as forward passes over their channels. */
export const gatingForwards: Readonly<Record<string, GatingForward>> = {
  softmax: (tf, channels) => tf.softmax(channels, -1),
  sigmoid: (tf, channels, _inputs, _atoms, { normalised }) => {
    const weights = tf.sigmoid(channels);
    return normalised === true ? tf.div(weights, tf.sum(weights, -1, true)) : weights;
  },
  hierarchical: twoLevels,
  "dense-to-sparse": denseToSparse,
  "top-k": topK,
  laplace,
};

/** P_g Q_j: channels of all atoms, then of all groups; fewer atoms than groups are one level. */
function twoLevels(tf: Tf, channels: Tensor, _inputs: Tensor, atoms: number, options: Options): Tensor {
  const groups = Number(options["groups"] ?? 2);
  if (atoms < groups) return tf.softmax(channels, -1);
  const sizes = groupSizes(atoms, groups);
  const [own, upper] = tf.split(channels, [atoms, groups], -1);
  const shares = tf.split(tf.softmax(upper, -1), groups, -1);
  const parts = tf.split(own, sizes, -1).map((scores, g) => tf.mul(shares[g], tf.softmax(scores, -1)));
  return tf.concat(parts, -1);
}

/** exp((pi + beta0) / tau), normalised: channels of the router atom by atom, tau last. */
function denseToSparse(tf: Tf, channels: Tensor, _inputs: Tensor, atoms: number, options: Options): Tensor {
  const own = (channels.shape[channels.rank - 1] - 1) / atoms;
  const [flat, tau] = tf.split(channels, [own * atoms, 1], -1);
  const routers = tf.reshape(flat, [...flat.shape.slice(0, -1), atoms, own]);
  return tf.softmax(tf.div(routerScores(tf, routers, own, String(options["router"] ?? "linear")), tau), -1);
}

/** pi(x, omega) + beta0 from a router's channels ... x k x own. */
function routerScores(tf: Tf, channels: Tensor, own: number, router: string): Tensor {
  if (router === "linear") return tf.sum(channels, -1);
  const [units, beta0] = tf.split(channels, [own - 1, 1], -1);
  if (router !== "mlp") return tf.sum(tf.add(activations[router](tf, units), beta0), -1);
  const pairs = tf.reshape(units, [...units.shape.slice(0, -1), (own - 1) / 2, 2]);
  const [u, v] = tf.unstack(pairs, -1);
  return tf.add(tf.sum(tf.mul(v, tf.tanh(u)), -1), tf.squeeze(beta0, [-1]));
}

/** Softmax over the k atoms that rank first; channels beta1 . x and beta0 of each atom. Ranking has no derivative. */
function topK(tf: Tf, channels: Tensor, _inputs: Tensor, atoms: number, options: Options): Tensor {
  const active = Math.min(atoms, Number(options["k"] ?? 2));
  const [slopes, intercepts] = tf.unstack(
    tf.reshape(channels, [...channels.shape.slice(0, -1), atoms, 2]),
    -1,
  );
  const scores = tf.add(slopes, intercepts);
  if (active === atoms) return tf.softmax(scores, -1);
  const masked = tf.customGrad((...args) => {
    const [score, rank] = args as Tensor[];
    const save = args[2] as (tensors: Tensor[]) => void;
    const last = tf.slice(
      tf.topk(rank, active).values,
      rank.shape.map((_, axis) => (axis === rank.rank - 1 ? active - 1 : 0)),
    );
    const taken = tf.cast(tf.greaterEqual(rank, last), "float32");
    save([taken]);
    return {
      value: tf.add(score, tf.mul(tf.sub(taken, 1), 1e30)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => [tf.mul(dy, saved[0]), tf.zerosLike(dy)],
    };
  });
  return tf.softmax(masked(scores, options["rank"] === "score" ? scores : slopes), -1);
}

/** exp(-(|centre - x|^2 + delta^2)^1/2 + beta0), normalised; channels centre and beta0 of each atom. */
function laplace(tf: Tf, channels: Tensor, inputs: Tensor, atoms: number, options: Options): Tensor {
  const own = channels.shape[channels.rank - 1] / atoms;
  const delta = Number(options["smoothing"] ?? 0.05);
  const [centres, beta0] = tf.split(
    tf.reshape(channels, [...channels.shape.slice(0, -1), atoms, own]),
    [own - 1, 1],
    -1,
  );
  const x = tf.expandDims(
    tf.slice(
      inputs,
      inputs.shape.map(() => 0),
      [...inputs.shape.slice(0, -1), own - 1],
    ),
    -2,
  );
  const distance = tf.sqrt(tf.add(tf.sum(tf.squaredDifference(centres, x), -1), delta * delta));
  return tf.softmax(tf.sub(tf.squeeze(beta0, [-1]), distance), -1);
}
