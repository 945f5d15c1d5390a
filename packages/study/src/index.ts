export type * from "./families.ts";
export type * from "./json-schema.ts";
export type * from "./types.ts";
export { canonicalJson, contentHash } from "./canonical-json.ts";
export { defaultBox, mixedStarts } from "./defaults.ts";
export { designPointsOf, designsOf, type NumericsContext, numericsVersion } from "./designs.ts";
export {
  compareWithStored,
  type Comparison,
  type Difference,
  differences,
  formatDifference,
  type RefusedDesign,
  type StoredDesign,
} from "./identity-differences.ts";
export { parseStudy, type ParseOptions } from "./parse-study.ts";
export { formatProblem } from "./problem.ts";
export { dimensionOf } from "./read-truth.ts";
export {
  fitStreamOf,
  replicateStream,
  sampleStreamOf,
  type StreamKey,
  truthIdOf,
} from "./replicate-stream.ts";
export {
  allReplicates,
  countReplicateTasks,
  countStarts,
  estimateReplicateMs,
  type PendingPoint,
  type ReplicateNumbers,
  type ReplicateTask,
  replicateTasks,
  taskCosts,
  type TaskCosts,
} from "./replicate-tasks.ts";
export { evenlySpacedSizes } from "./evenly-spaced-sizes.ts";
export { logSpacedSizes } from "./log-spaced-sizes.ts";
export { starterStudy } from "./starter-study.ts";
export { studySchema } from "./study-schema.ts";
export {
  drawReplicate,
  type FitTrace,
  recomputeLosses,
  type ReplicateRequest,
  runReplicate,
} from "./run-replicate.ts";
export { type DataFit, type FitDataRequest, fitToData } from "./run-fit.ts";
export { trainedTogether } from "./run-trained.ts";
export { type Surroundings, trueAtoms, truthModel } from "./design-models.ts";
export { type Covariates, drawSample, type Sample } from "./sample.ts";
export { type Shard, shardReplicates } from "./shard-keys.ts";
