import type { Tensor } from "@tensorflow/tfjs";
import type { MixtureModel } from "@moe-rates/mixture";
import type { Tf } from "./tensorflow.ts";

/** How parameters, basis columns and channels of a model belong together: channel c is (basis columns) . (its run of parameters), so that
 *  C = B W with B (n x m, basis) and W (m x C), of which most entries are 0. */
export interface ChannelTensors {
  /** W from parameters ... x p. */
  spread(parameters: Tensor): Tensor;
  /** Parameters ... x p from a matrix ... x m x C: the entries that `spread` fills. The transpose of `spread`. */
  collect(matrix: Tensor): Tensor;
  /** Jacobian ... x n x p from scalar columns df/dc ... x n x C and the basis ... x n x m. */
  jacobian(scalars: Tensor, basis: Tensor): Tensor;
  dispose(): void;
}

/** Index tensors of a model over m basis columns. */
export function channelTensors(tf: Tf, model: MixtureModel, columns: number): ChannelTensors {
  const { channels, parameterCount: p } = model;
  const count = channels.length;
  const source = new Int32Array(columns * count).fill(p);
  const target = new Int32Array(p);
  const channelOf = new Int32Array(p);
  const columnOf = new Int32Array(p);
  channels.forEach(({ basis, terms, parameter }, c) => {
    for (let t = 0; t < terms; t++) {
      const place = (basis + t) * count + c;
      source[place] = parameter + t;
      target[parameter + t] = place;
      channelOf[parameter + t] = c;
      columnOf[parameter + t] = basis + t;
    }
  });
  const indices = [source, target, channelOf, columnOf].map((values) =>
    tf.keep(tf.tensor1d(values, "int32")),
  );
  const [sources, targets, channelIndex, columnIndex] = indices;
  const last = (tensor: Tensor) => tensor.rank - 1;
  return {
    spread(parameters) {
      const lead = parameters.shape.slice(0, -1);
      const padded = tf.concat([parameters, tf.zeros([...lead, 1])], -1);
      return tf.reshape(tf.gather(padded, sources, last(parameters)), [...lead, columns, count]);
    },
    collect(matrix) {
      const lead = matrix.shape.slice(0, -2);
      return tf.gather(tf.reshape(matrix, [...lead, columns * count]), targets, lead.length);
    },
    jacobian: (scalars, basis) =>
      tf.mul(tf.gather(scalars, channelIndex, last(scalars)), tf.gather(basis, columnIndex, last(basis))),
    dispose: () => tf.dispose(indices),
  };
}
