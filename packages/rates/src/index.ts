export { burnIn, type BurnIn } from "./burn-in.ts";
export { compareFits, type Comparison, type SampleSizeRatio } from "./comparison.ts";
export { curvature, type Curvature } from "./curvature.ts";
export { decayChoice, type DecayChoice, type DecayFit } from "./decay-choice.ts";
export { decayLaws, type DecayLaw } from "./decay-shapes.ts";
export { detectableDifference } from "./detectable-difference.ts";
export { errorSplit, type ErrorSplit } from "./error-split.ts";
export { estimateOf, pairedEstimate, type Estimate, type Functional, type Share } from "./estimate.ts";
export { type ExpectedHalfWidth, expectedHalfWidth } from "./expected-half-width.ts";
export { formatRateTable, type LabelledRate } from "./format-rate-table.ts";
export { jackknifeStandardError, jackknifeUncertainty, type Uncertainty } from "./jackknife.ts";
export { localSlopes, type LocalSlopeRow } from "./local-slopes.ts";
export { logLogLine, slopeOf, type LogLogLine } from "./log-log-line.ts";
export { logStatistic, type LogStatistic } from "./log-statistic.ts";
export { lossSeries, type LossPoint, type LossSeries, type SeriesKey } from "./loss-series.ts";
export {
  fitsChoices,
  quantileLevel,
  statistics,
  type Fits,
  type LossRow,
  type Statistic,
} from "./loss-row.ts";
export { nextRound, type RoundDecision, slopeVariance, type TargetState } from "./next-round.ts";
export { inferRate, type RateInference } from "./rate-inference.ts";
export { rateOf, rateTable, type RateRow } from "./rate-table.ts";
export { readRateRow } from "./read-rate-row.ts";
export {
  bootstrapCounts,
  type BootstrapCounts,
  type CountsFor,
  drawsFor,
  rememberCounts,
  type ResampledSeries,
  resampledSeries,
  type Versions,
} from "./resampled-series.ts";
export { type NeededSampleSize, neededSampleSize } from "./sample-size.ts";
export {
  alignSamples,
  lossColumns,
  type LossColumns,
  type SampleKey,
  type SeriesSample,
  seriesSample,
} from "./series-sample.ts";
export { storeViews } from "./sql/store-views.ts";
export { tabulatedTQuantile, tQuantileRows, type TQuantileRow } from "./t-quantiles.ts";
export {
  expectedSlope,
  type LawStatement,
  type Obstacle,
  type RateEvidence,
  type UpperQuantile,
  type Verdict,
  verdict,
} from "./verdict.ts";
export { weightedLine, type Line, type LinePoint } from "./weighted-line.ts";
