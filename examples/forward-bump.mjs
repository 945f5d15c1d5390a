// An expert family of your own, written only as a forward pass: a bump of any height, place and sharpness,
// h(x) = height exp(-sharpness^2 |x - centre|^2). No shipped family has it: it is no function of inner products with x.
//
//   npx moe-rates run examples/bump-study.yaml --plugin examples/forward-bump.mjs
//   npx moe-rates fit data.csv --x x1,x2 --y y --expert bump --atoms 2 --plugin examples/forward-bump.mjs
//
// Every tensor holds one number per sample. The pass may use any operation of TensorFlow.js that works element by element; its first and
// second derivatives, which fits, certificates and identifiability checks need, follow from it.
import { forwardExpert } from "@moe-rates/engine-tfjs";

export const experts = {
  bump: await forwardExpert({
    name: "bump",
    description: "h(x) = height exp(-sharpness^2 |x - centre|^2)",
    parameters: (inputDim) => [
      { name: "centre", length: inputDim },
      { name: "sharpness", length: null },
      { name: "height", length: null },
    ],
    forward(tf, x, { centre, sharpness, height }) {
      const squares = x.map((xu, u) => tf.squaredDifference(xu, centre[u]));
      const distance = squares.reduce((sum, one) => tf.add(sum, one));
      return tf.mul(height, tf.exp(tf.neg(tf.mul(tf.square(sharpness), distance))));
    },
  }),
};
