import type { Design, DesignPoint, FitTrace, ReplicateRow, ResolvedStudy } from "@moe-rates/study";
import type { NumericColumns } from "../fit-data/read-columns.ts";
import type { AddedLosses } from "../store/write-rows.ts";

/** What every worker of a study gets once. */
export interface StudySetup {
  readonly study: ResolvedStudy;
  readonly designs: readonly Design[];
  readonly points: readonly DesignPoint[];
  /** Shared memory, not copied. */
  readonly covariates: NumericColumns | null;
  readonly engine: string;
  /** Absolute paths of plugin modules. */
  readonly plugins: readonly string[];
}

/** A stored fit whose losses are asked for. */
export interface StoredFit {
  readonly designPoint: string;
  readonly replicate: number;
  readonly theta: readonly number[];
}

/** What a worker of a study is asked to do. `hello` loads everything and does nothing: a worker that cannot start fails there. */
export type StudyTask =
  | { readonly kind: "hello" }
  | {
      readonly kind: "replicates";
      readonly designPoint: string;
      readonly replicates: readonly number[];
      /** Also return the trace of the last fit. */
      readonly trace?: boolean;
    }
  | {
      readonly kind: "losses";
      readonly design: string;
      readonly losses: readonly string[];
      readonly fits: readonly StoredFit[];
    };

/** What it answers; both lists are in the order asked. */
export interface StudyResult {
  readonly rows: readonly ReplicateRow[];
  readonly added: readonly AddedLosses[];
  readonly trace?: FitTrace;
}
