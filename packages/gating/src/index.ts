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
export { groupSizes } from "./group-sizes.ts";
export { hierarchical } from "./hierarchical.ts";
export { gatings } from "./registry.ts";
