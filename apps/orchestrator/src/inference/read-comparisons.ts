import { compareFits, rememberCounts, seriesSample } from "@moe-rates/rates";
import type { Comparison, Fits, Statistic } from "@moe-rates/rates";
import type { Query } from "./judged-rates.ts";
import { readSeries, seriesSql } from "./read-series.ts";
import { designsSql, readDesignFacts } from "./stored-designs.ts";
import type { StoredDesignFacts } from "./stored-designs.ts";

/** A comparison of two fits of a file under their names. */
export interface NamedComparison extends Comparison {
  readonly fitA: string;
  readonly kA: number;
  readonly fitB: string;
  readonly kB: number;
  readonly fits: Fits;
}

/**
 * Paired comparisons of every two fits of a file, loss by loss (`total` only unless `components`). Fits of studies without common random numbers saw different data: they are not compared.
 */
export async function readComparisons(
  query: Query,
  options: { statistic?: Statistic; fits?: Fits; level?: number; components?: boolean } = {},
): Promise<NamedComparison[]> {
  const { statistic = "median", fits = "all", level = 0.95, components = false } = options;
  const designs = (await readDesignFacts(await query(designsSql))).filter((one) => one.commonRandomNumbers);
  if (designs.length < 2) return [];
  const series = (await readSeries(await query(seriesSql))).filter(
    ({ component }) => components || component === "total",
  );
  const countsFor = rememberCounts();
  return pairsOf(designs).flatMap(([a, b]) =>
    series
      .filter(({ design }) => design === a.design)
      .flatMap((one) => {
        const other = series.find(
          (s) => s.design === b.design && s.loss === one.loss && s.component === one.component,
        );
        if (other === undefined) return [];
        const comparison = compareFits(
          seriesSample(one, fits),
          seriesSample(other, fits),
          statistic,
          countsFor,
          level,
        );
        return { ...comparison, fits, fitA: a.fitName, kA: a.fit.atoms, fitB: b.fitName, kB: b.fit.atoms };
      }),
  );
}

function pairsOf(designs: readonly StoredDesignFacts[]): [StoredDesignFacts, StoredDesignFacts][] {
  return designs.flatMap((a, index) =>
    designs.slice(index + 1).map((b): [StoredDesignFacts, StoredDesignFacts] => [a, b]),
  );
}
