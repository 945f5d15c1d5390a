export { lossNames, type LossName } from "./loss-names.ts";
export { regressionL2, type RegressionModel } from "./regression-l2.ts";
export { testPoints, type InputLaw, type TestPoints } from "./test-points.ts";
export { voronoiLoss, type VoronoiLoss, type VoronoiLossName } from "./voronoi-loss.ts";
