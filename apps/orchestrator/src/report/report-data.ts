import type { ResolvedStudy } from "@moe-rates/study";
import type { JudgedRate } from "../inference/judged-rates.ts";
import type { NamedComparison } from "../inference/read-comparisons.ts";
import type { NamedRate } from "../store/read-rates.ts";
import type { StudyStatus } from "../store/read-status.ts";

/** One design of the file. */
export interface ReportDesign {
  readonly design: string;
  readonly fit: string;
  readonly k: number;
  readonly trueAtoms: number;
  readonly gating: string;
  readonly expert: string;
}

/** A replicate on a figure: enough to name it and to say how to repeat it. */
export interface ReplicateValue {
  readonly replicate: number;
  readonly value: number;
  readonly certified: boolean;
}

/** The losses of one design point and component: median with its order-statistic interval, and some replicates. */
export interface LossPointFacts {
  readonly design: string;
  readonly n: number;
  readonly loss: string;
  readonly component: string;
  /** Values that are finite and not negative. */
  readonly replicates: number;
  readonly median: number;
  /** Interval of the median between two order statistics, coverage 95 % or more up to rounding of the ranks; null below six values. */
  readonly low: number | null;
  readonly high: number | null;
  /** The first replicates, and the ones with the lowest and the highest loss. */
  readonly shown: readonly ReplicateValue[];
}

/** One fitted atom of a replicate in the aligned gauge; parameters by name. */
export interface AtomFacts {
  readonly design: string;
  readonly n: number;
  readonly replicate: number;
  readonly atom: number;
  /** True atom whose Voronoi cell it lies in, from 0; null where there is nothing to align with. */
  readonly cell: number | null;
  readonly values: Readonly<Record<string, number>>;
}

/** How often a vector of cell sizes occurs. */
export interface CellFacts {
  readonly design: string;
  readonly n: number;
  readonly cellSizes: readonly number[];
  readonly replicates: number;
  readonly share: number;
}

/** What the search found, per design point. */
export interface SearchFacts {
  readonly design: string;
  readonly n: number;
  readonly replicates: number;
  readonly certified: number;
  readonly audited: number;
  readonly beaten: number;
  readonly medianOptima: number | null;
  readonly medianStarts: number | null;
  readonly medianReachedBest: number | null;
}

/** Replicates of a design point without a certificate, by the first reason that applies. */
export interface UncertifiedFacts {
  readonly design: string;
  readonly n: number;
  readonly reason: string;
  readonly replicates: number;
  /** The first of them. */
  readonly example: number;
}

/** Time of a design point in milliseconds. */
export interface CostFacts {
  readonly design: string;
  readonly n: number;
  readonly replicates: number;
  readonly cpuMsTotal: number | null;
  readonly cpuMsMedian: number | null;
  readonly cpuMsMax: number | null;
}

/** One run, as the file records it. */
export type RunFacts = Readonly<Record<string, string | number | null>>;

/** Everything a report shows. */
export interface ReportData {
  /** Name of the database file, without folders. */
  readonly database: string;
  readonly version: string;
  readonly written: string;
  readonly status: StudyStatus;
  readonly study: ResolvedStudy | null;
  readonly designs: readonly ReportDesign[];
  /** Every rate of the file. */
  readonly rates: readonly NamedRate[];
  /** The rates shown first, medians over all fits of totals and of errors in cells, with the verdicts on what theory states. */
  readonly judged: readonly JudgedRate[];
  /** Fits of different names that saw the same data, total losses. */
  readonly comparisons: readonly NamedComparison[];
  readonly points: readonly LossPointFacts[];
  readonly atoms: readonly AtomFacts[];
  readonly cells: readonly CellFacts[];
  readonly search: readonly SearchFacts[];
  readonly uncertified: readonly UncertifiedFacts[];
  readonly cost: readonly CostFacts[];
  readonly runs: readonly RunFacts[];
  /** Replicates per design point of which losses, and of which atoms are drawn. */
  readonly shownReplicates: { readonly losses: number; readonly atoms: number };
}
