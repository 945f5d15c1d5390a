export {
  openTensorflow,
  tensorflow,
  tensorflowNames,
  type Tensorflow,
  type TensorflowName,
  type Tf,
} from "./tensorflow.ts";
export { batchData, type BatchData, type DataChunk, type Observations } from "./batch-data.ts";
export { batchObjective, type BatchObjective, type Linearisation } from "./batch-objective.ts";
export {
  hasForward,
  modelForward,
  type ExpertForward,
  type GatingForward,
  type ModelForward,
} from "./tensor-family.ts";
export { solveBatch, type BatchResult, type BatchSolverOptions, type Box } from "./batch-solver.ts";
export { costTable } from "./cost-table.ts";
export { presolverVersion, presolveOptions, tensorPresolver, tensorRecompute } from "./presolver.ts";
export { forwardExpert, type ForwardExpert, type NamedTensors } from "./forward-expert.ts";
export { tensorTrainer, trainerVersion } from "./trainer.ts";
