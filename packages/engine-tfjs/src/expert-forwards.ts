import type { Tensor } from "@tensorflow/tfjs";
import type { ExpertForward, Options } from "./tensor-family.ts";
import type { Tf } from "./tensorflow.ts";

/** phi of the feed-forward experts and routers; GELU is the exact one, u Phi(u). */
export const activations: Readonly<Record<string, (tf: Tf, u: Tensor) => Tensor>> = {
  relu: (tf, u) => tf.relu(u),
  gelu: (tf, u) => tf.mul(tf.mul(u, 0.5), tf.add(tf.erf(tf.mul(u, Math.SQRT1_2)), 1)),
  sigmoid: (tf, u) => tf.sigmoid(u),
  tanh: (tf, u) => tf.tanh(u),
};

/** The shipped experts as forward passes over their channels: u, then lambda with `scale`, unit after unit. */
export const expertForwards: Readonly<Record<string, ExpertForward>> = {
  linear: (tf, channels) => tf.sum(channels, -1),
  constant: (tf, channels) => tf.sum(channels, -1),
  polynomial: (tf, channels, _inputs, options) =>
    sumOfUnits(tf, channels, options, (u) => integerPower(tf, u, Number(options["degree"] ?? 2))),
  ffn: (tf, channels, _inputs, options) => {
    const phi = activations[String(options["activation"] ?? "tanh")];
    return sumOfUnits(tf, channels, options, (u) => phi(tf, u));
  },
};

/** sum_m phi(u_m), or sum_m lambda_m phi(u_m) with `scale`, over channels ... x units (x 2). */
function sumOfUnits(tf: Tf, channels: Tensor, options: Options, phi: (u: Tensor) => Tensor): Tensor {
  if (options["scale"] !== true) return tf.sum(phi(channels), -1);
  const count = channels.shape[channels.rank - 1] / 2;
  const pairs = tf.reshape(channels, [...channels.shape.slice(0, -1), count, 2]);
  const [u, lambda] = tf.unstack(pairs, -1);
  return tf.sum(tf.mul(lambda, phi(u)), -1);
}

/** u^degree by products: a general power would need the logarithm of a negative number in its derivative. */
function integerPower(tf: Tf, u: Tensor, degree: number): Tensor {
  let power = u;
  for (let i = 1; i < degree; i++) power = tf.mul(power, u);
  return power;
}
