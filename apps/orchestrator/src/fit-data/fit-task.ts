import type { FitResult } from "@moe-rates/estimators";
import type { FamilySpec, NamedAtom } from "@moe-rates/mixture";

/** One fit of measured data, as it goes to the worker. */
export interface FitTask {
  /** Column-major n x d, shared memory. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly inputDim: number;
  readonly gating: FamilySpec;
  readonly expert: FamilySpec;
  readonly atoms: number;
  readonly box: number;
  /** Number of starts; null for the default policy. */
  readonly starts: number | null;
  readonly start: readonly NamedAtom[] | null;
  readonly seed: number;
  /** Absolute paths of plugin modules. */
  readonly plugins: readonly string[];
}

/** What comes back. */
export interface FittedData {
  readonly result: FitResult;
  readonly atoms: readonly NamedAtom[];
  /** Optimiser and certificate alone, without reading files and compiling. */
  readonly wallMs: number;
}
