export { activations, type Activation, type ActivationName } from "./activations.ts";
export {
  derivativeByDifferences,
  differenceStep,
  gradientByDifferences,
  jacobianByDifferences,
} from "./central-differences.ts";
export { erf, erfc } from "./error-function.ts";
export { haltonPoint } from "./halton-point.ts";
export { logSumExp } from "./log-sum-exp.ts";
export { logistic } from "./logistic.ts";
export { nearestWord } from "./nearest-word.ts";
export { compensatedSum, NeumaierSum } from "./neumaier-sum.ts";
export { normalCdf, normalQuantile } from "./normal.ts";
export { shuffle } from "./shuffle.ts";
export { stream, streamKey, type Stream } from "./stream.ts";
export { studentTCdf, studentTQuantile } from "./student-t.ts";
export { symmetricEigen, type SymmetricEigen } from "./symmetric-eigen.ts";
