export { affine, fill, multiply, multiplyAdd, scale, subtract, weightedSquares } from "./columns";
export { multiplyDifference, subtractProduct, subtractProducts, sumOfProducts } from "./products";
export { exp, softmax } from "./exponential";
export { gelu, logistic, power, relu, tanh } from "./activation";
export { run } from "./normal-equations";
export {
  buffered1,
  buffered2,
  buffered3,
  buffered4,
  curved1,
  curved2,
  curved3,
  curved4,
  curved5,
  kept4,
  plain1,
  plain2,
  plain3,
  plain4,
  plain5,
} from "./tile";
