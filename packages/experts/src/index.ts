export type {
  AtomField,
  Expert,
  ExpertBasis,
  ExpertChannel,
  ExpertColumns,
  ExpertFamily,
  FamilyOption,
} from "./expert.ts";
export { ridgeExpert, ridgeFields, ridgeOptions, type RidgeFunction } from "./ridge.ts";
export { sumOfUnits } from "./sum-of-units.ts";
export { linear } from "./linear.ts";
export { polynomial } from "./polynomial.ts";
export { ffn } from "./ffn.ts";
export { constant } from "./constant.ts";
export { experts } from "./registry.ts";
