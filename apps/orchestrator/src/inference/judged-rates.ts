import {
  errorSplit,
  estimateOf,
  inferRate,
  neededSampleSize,
  rememberCounts,
  resampledSeries,
  seriesSample,
  slopeOf,
} from "@moe-rates/rates";
import type {
  BootstrapCounts,
  BurnIn,
  Curvature,
  DecayChoice,
  ErrorSplit,
  LossColumns,
  NeededSampleSize,
  RateInference,
  SeriesSample,
  Statistic,
  UpperQuantile,
} from "@moe-rates/rates";
import type { QueryResult } from "../store/query-result.ts";
import { ratesSql, readRates } from "../store/read-rates.ts";
import type { NamedRate } from "../store/read-rates.ts";
import { judgeRate } from "./judge-rate.ts";
import type { JudgedLaw } from "./judge-rate.ts";
import { readSeries, seriesSql } from "./read-series.ts";
import { seriesKey, startDependence } from "./start-dependence.ts";
import { designsSql, predictionsOf, readDesignFacts } from "./stored-designs.ts";
import type { StoredDesignFacts } from "./stored-designs.ts";

/** A rate with everything inferred from its rows, and both statements of theory with their verdicts. Slope, error and interval of means are those of the view `rates`; quantiles have
 *  those of the bootstrap over replicates. */
export interface JudgedRate extends NamedRate {
  /** Where standard error and interval come from. */
  readonly interval: "jackknife" | "bootstrap";
  /** Share of studies whose interval contains the truth. */
  readonly level: number;
  readonly bootstrapError: number | null;
  readonly draws: number;
  readonly curvature: Curvature;
  readonly burnIn: BurnIn | null;
  readonly decay: DecayChoice | null;
  readonly detectable: number | null;
  /** All fits against the certified ones; null where that is the same, or nothing is certified. */
  readonly split: ErrorSplit | null;
  readonly published: JudgedLaw | null;
  readonly audited: JudgedLaw | null;
  /** Observations until the statistic is epsilon, where one was asked for. */
  readonly needed?: NeededSampleSize;
}

/** What to infer. */
export interface InferenceOptions {
  /** Level of the intervals; 0.95 by default. */
  readonly level?: number;
  /** Quantiles wanted besides mean and median. */
  readonly quantiles?: readonly Statistic[];
  readonly epsilon?: number;
  /** Only these series, of the view's rows; all by default. */
  readonly keep?: (rate: NamedRate) => boolean;
  /** The rows of the view, where they have been read already: on a large file they take longer than anything else. */
  readonly rates?: readonly NamedRate[];
}

/** A source of rows: a file, or the process that runs on it. */
export type Query = (sql: string) => Promise<QueryResult>;

/** Reads the rates of a file and infers, series by series, what the rows and theory say about them. */
export async function readJudgedRates(query: Query, options: InferenceOptions = {}): Promise<JudgedRate[]> {
  const { level = 0.95, quantiles = [], keep = () => true } = options;
  const read = options.rates ?? (await readRates(await query(ratesSql)));
  const rates = withQuantiles(read, quantiles).filter(keep);
  const series = await readSeries(await query(seriesSql));
  const designs = await readDesignFacts(await query(designsSql));
  const countsFor = rememberCounts();
  const asked = [...new Set(rates.map(({ statistic }) => statistic))];
  const dependent = startDependence(designs, series, asked, countsFor);
  const judge = judgeOf(designs, series, dependent);
  const columnsOf = new Map(
    series.map((one) => [JSON.stringify([one.design, one.loss, one.component]), one]),
  );
  const splitOf = (
    rate: NamedRate,
    sample: SeriesSample,
    columns: LossColumns | undefined,
  ): ErrorSplit | null => {
    const { certifiedShare, fits, statistic } = rate;
    if (fits !== "all" || columns === undefined || !certifiedShare || certifiedShare === 1) return null;
    return errorSplit(sample, seriesSample(columns, "certified"), statistic, countsFor, level);
  };
  return rates.map((rate) => {
    const columns = columnsOf.get(JSON.stringify([rate.design, rate.loss, rate.component]));
    const sample = seriesSample(columns ?? { ...rate, points: [] }, rate.fits);
    const counts = countsFor(sample.replicates.length);
    const inference = inferRate(sample, rate.statistic, counts, level);
    const { epsilon } = options;
    return {
      ...inferred(rate, inference),
      split: splitOf(rate, sample, columns),
      ...judge(rate, inference, () => upperQuantile(rate, sample, counts, level)),
      ...(epsilon === undefined
        ? {}
        : { needed: neededSampleSize(resampledSeries(sample, rate.statistic, counts), epsilon, level) }),
    };
  });
}

function inferred(
  rate: NamedRate,
  inference: RateInference,
): Omit<JudgedRate, "published" | "audited" | "split"> {
  const { slope, curvature, burnIn, decay, detectable, bootstrapError, draws } = inference;
  return {
    ...rate,
    slope: slope.value,
    standardError: slope.standardError,
    ci: slope.ci === null ? null : [...slope.ci],
    interval: slope.method,
    level: slope.level,
    bootstrapError,
    draws,
    curvature,
    burnIn,
    decay,
    detectable,
  };
}

/** Interval of the slope of the 90 % quantile, beside that of a median: a mean that falls leaves no fits behind, and a high quantile speaks for itself. */
function upperQuantile(
  { statistic }: NamedRate,
  sample: SeriesSample,
  counts: BootstrapCounts,
  level: number,
): UpperQuantile | null {
  if (statistic !== "median") return null;
  const { ci } = estimateOf(resampledSeries(sample, "q0.9", counts), slopeOf, level);
  return ci && { level: 0.9, ci };
}

/** The rows of further quantiles: as those of the median, numbers to be inferred. */
function withQuantiles(rates: readonly NamedRate[], quantiles: readonly Statistic[]): NamedRate[] {
  return rates.flatMap((rate) => {
    const more = quantiles.filter((one) => one !== "mean" && one !== "median");
    if (rate.statistic !== "median") return [rate];
    return [rate, ...more.map((statistic) => ({ ...rate, statistic, intercept: null, r2: null }))];
  });
}

function judgeOf(
  designs: readonly StoredDesignFacts[],
  series: readonly LossColumns[],
  dependent: ReadonlyMap<string, string>,
): (
  rate: NamedRate,
  inference: RateInference,
  upperQuantile: () => UpperQuantile | null,
) => Pick<JudgedRate, "published" | "audited"> {
  const losses = (design: string): string[] => [
    ...new Set(series.filter((one) => one.design === design).map(({ loss }) => loss)),
  ];
  const known = new Map(
    designs.map((facts) => [
      facts.design,
      { facts, predictions: predictionsOf(facts, losses(facts.design)) },
    ]),
  );
  return (rate, inference, upperQuantile) => {
    const found = known.get(rate.design);
    const prediction = found?.predictions.find(
      ({ loss, component }) => loss === rate.loss && component === rate.component,
    );
    if (found === undefined || prediction === undefined) return { published: null, audited: null };
    return judgeRate(
      inference,
      prediction,
      { ...rate, facts: found.facts },
      dependent.get(seriesKey(rate)) ?? null,
      upperQuantile,
    );
  };
}
