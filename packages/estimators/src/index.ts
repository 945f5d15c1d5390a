export { residualProblem, type LeastSquaresProblem } from "./problem.ts";
export {
  createSolver,
  defaultSolverOptions,
  type Solver,
  type SolverOptions,
  type SolverResult,
  type SolverStatus,
} from "./trust-region.ts";
export { createStagedSolver, type StagedSolver } from "./staged-solver.ts";
export { roughDoubles } from "./rough-data.ts";
export { mixtureProblem, modelBox } from "./mixture-problem.ts";
export { compressTo, type CompressedData } from "./compress.ts";
export {
  fitGlobal,
  type Certificate,
  type FitResult,
  type FitStatus,
  type GlobalFitRequest,
  type StartReport,
} from "./global-fit.ts";
export { globalFitDoubles } from "./fit-memory.ts";
export {
  mixedPolicy,
  thoroughPolicy,
  type Observations,
  type Presolver,
  type StartPoint,
  type StartPolicy,
} from "./start-policy.ts";
export type { Recompute } from "./recompute.ts";
export { projectOntoPolytope } from "./polytope.ts";
export type { Trainer, TrainingPlan } from "./trainer.ts";
