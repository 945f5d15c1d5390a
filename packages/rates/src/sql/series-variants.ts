import { fitsChoices, statistics, type Fits, type Statistic } from "../loss-row.ts";

/** One of the four series of a loss component. The views carry them side by side, in columns that end in `name`. */
export interface SeriesVariant {
  statistic: Statistic;
  fits: Fits;
  /** `mean_all`, `mean_certified`, `median_all`, `median_certified`. */
  name: string;
}

export const seriesVariants: readonly SeriesVariant[] = statistics.flatMap((statistic) =>
  fitsChoices.map((fits) => ({ statistic, fits, name: `${statistic}_${fits}` })),
);

/** The columns that identify a series, in the order in which every view lists them. */
export const seriesColumns = "design, k, loss, component, statistic, fits";

/** One SQL fragment per variant, joined by commas. */
export function perVariant(fragment: (variant: SeriesVariant) => string): string {
  return seriesVariants.map(fragment).join(",\n      ");
}

/** One SQL fragment per choice of fits, joined by commas. */
export function perFits(fragment: (fits: Fits) => string): string {
  return fitsChoices.map(fragment).join(",\n      ");
}

/** From side by side to one row per variant: the same SELECT for each, joined by UNION ALL. */
export function unionOfVariants(select: (variant: SeriesVariant) => string): string {
  return seriesVariants.map(select).join("\n    UNION ALL\n    ");
}

/** The identifying columns of a variant as SELECT items. */
export function variantColumns({ statistic, fits }: SeriesVariant): string {
  return `design, k, loss, component, '${statistic}' AS statistic, '${fits}' AS fits`;
}
