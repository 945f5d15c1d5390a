import type { ReplicateRow } from "@moe-rates/study";

/** The row of a replicate that has no fit: the failure is kept, nothing is redrawn. */
export function failedRow(
  designPoint: string,
  replicate: number,
  failure: { kind: string; message: string },
  wallMs: number,
  cpuMs: number,
): ReplicateRow {
  return {
    designPoint,
    replicate,
    failure,
    wallMs,
    cpuMs,
    status: "failed",
    certified: false,
    local: false,
    sse: null,
    sseTruth: null,
    cosine: null,
    predictedReduction: null,
    minEigenvalue: null,
    flatDirections: null,
    activeBounds: "",
    starts: null,
    optima: null,
    reachedBest: null,
    iterations: null,
    evaluations: null,
    tightenedChange: null,
    audited: false,
    beaten: null,
    atoms: [],
    theta: [],
    losses: [],
  };
}
