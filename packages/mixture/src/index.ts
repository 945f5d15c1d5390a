export type { MeasureAtom, MeasureGroup, MixingMeasure, NamedAtom, NamedShared } from "./types.ts";
export { gaugeOf, type Gauge } from "@moe-rates/gating";
export { basisColumns } from "./basis.ts";
export {
  createModel,
  type MixtureModel,
  type ModelChannel,
  type ModelFamilies,
  type ModelRequest,
} from "./model.ts";
export {
  parseFamily,
  resolveFamily,
  shippedFamilies,
  totalAtoms,
  type ExpertSpec,
  type Families,
  type FamilySpec,
  type GatingSpec,
} from "./families.ts";
export { flattenGroups, nestGroups, type NamedGroup } from "./named-groups.ts";
export { withPlugin } from "./with-plugin.ts";
export { dataDoubles, loadData, overwriteData, type DataBlocks } from "./data-blocks.ts";
export { createEvaluator, evaluatorDoubles, type Evaluator } from "./evaluator.ts";
export { createObjective, objectiveDoubles, type MixtureObjective } from "./objective.ts";
