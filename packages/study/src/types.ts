import type { FitSpec, ResolvedStudy } from "./study-types.ts";

export type * from "./study-types.ts";

/** One mistake (or one warning) in a study file, at the place where its author can repair it. */
export interface Problem {
  readonly file: string;
  /** 1-based; 0 when the value came from an override and not from the file. */
  readonly line: number;
  /** 1-based; 0 when the value came from an override and not from the file. */
  readonly column: number;
  /** Dotted key, `truth.atoms[1].a`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
  /** The `--set` key that brought the value, where it did not come from the file. */
  readonly override?: string;
}

/** What `parseStudy` returns: a study with every default filled in, or all the problems of the file at once. */
export type ParsedStudy =
  | { readonly ok: true; readonly study: ResolvedStudy; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Anything that canonical JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Everything but n: one fit of one study, named by the content hash of all that determines its numbers. */
export interface Design {
  /** 16 hex digits: content hash of `identity`. */
  readonly id: string;
  readonly fit: FitSpec;
  /** Fitted atoms. */
  readonly k: number;
  /** What was hashed, kept so that a refusal can show what changed. */
  readonly identity: { readonly [key: string]: Json };
}

/** A design at one sample size. */
export interface DesignPoint {
  /** `design/n`. */
  readonly id: string;
  readonly design: string;
  readonly n: number;
  readonly k: number;
}

/** One fitted replicate, as the store keeps it. */
export interface ReplicateRow {
  readonly designPoint: string;
  readonly replicate: number;
  readonly status: string;
  readonly certified: boolean;
  readonly local: boolean;
  readonly sse: number | null;
  /** Sum of squares of the truth on the same data. */
  readonly sseTruth: number | null;
  readonly cosine: number | null;
  readonly predictedReduction: number | null;
  readonly minEigenvalue: number | null;
  readonly flatDirections: number | null;
  /** Comma-separated parameter names. */
  readonly activeBounds: string;
  readonly starts: number | null;
  readonly optima: number | null;
  readonly reachedBest: number | null;
  readonly iterations: number | null;
  readonly evaluations: number | null;
  readonly tightenedChange: number | null;
  readonly audited: boolean;
  /** Whether the audit found a lower sum of squares; null where there was no audit. */
  readonly beaten: boolean | null;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Fitted atoms in the aligned gauge, long form, each with the Voronoi cell (true atom) it fell into. */
  readonly atoms: readonly {
    readonly atom: number;
    readonly cell: number | null;
    readonly parameter: string;
    readonly value: number;
  }[];
  /** Raw fitted parameters, kept so that added losses need no new fit. */
  readonly theta: readonly number[];
  readonly losses: readonly { readonly loss: string; readonly component: string; readonly value: number }[];
  readonly failure: { readonly kind: string; readonly message: string } | null;
}
