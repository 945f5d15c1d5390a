export type {
  AtomField,
  FamilyOption,
  Gating,
  GatingBasis,
  GatingChannel,
  GatingColumns,
  GatingFamily,
} from "./gating.ts";
export { softmax } from "./softmax.ts";
export { sigmoid } from "./sigmoid.ts";
export { gatings } from "./registry.ts";
