export type {
  AtomField,
  FamilyOption,
  Gating,
  GatingBasis,
  GatingChannel,
  GatingColumns,
  GatingFamily,
  GatingScores,
  Gauge,
} from "./gating.ts";
export { softmax } from "./softmax.ts";
export { sigmoid } from "./sigmoid.ts";
export { groupSizes } from "./group-sizes.ts";
export { hierarchical } from "./hierarchical.ts";
export { denseToSparse } from "./dense-to-sparse.ts";
export { topK } from "./top-k.ts";
export { laplace } from "./laplace.ts";
export { normalisedGate, type ScoreColumns, type ScoreFunction } from "./normalised-gate.ts";
export { gaugeOf } from "./gauge-of.ts";
export { gatings } from "./registry.ts";
