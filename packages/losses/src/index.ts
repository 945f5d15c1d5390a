export type { ExpertBlocks } from "./atom-differences.ts";
export { componentErrors } from "./component-errors.ts";
export { expertL2, type ExpertValues } from "./expert-l2.ts";
export {
  largestOrder,
  lossFamilies,
  lossNamed,
  lossNames,
  measureKind,
  ownLoss,
  readLoss,
  type LossFamily,
  type LossFamilyName,
  type MeasureKind,
  type NamedLoss,
} from "./loss-families.ts";
export { regressionL2, type RegressionModel } from "./regression-l2.ts";
export { softmaxForm } from "./shift-measure.ts";
export { targetLoss, type TargetLoss } from "./target-loss.ts";
export { testPoints, type InputLaw, type TestPoints } from "./test-points.ts";
export { voronoiLoss, type VoronoiLoss, type VoronoiLossName } from "./voronoi-loss.ts";
export { wasserstein, type Wasserstein } from "./wasserstein.ts";
