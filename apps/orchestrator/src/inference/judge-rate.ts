import { trueAtoms } from "@moe-rates/study";
import { verdict } from "@moe-rates/rates";
import type { Obstacle, RateEvidence, RateInference, UpperQuantile, Verdict } from "@moe-rates/rates";
import type { PredictedLaw, Prediction } from "@moe-rates/theory";
import type { StoredDesignFacts } from "./stored-designs.ts";

/** A law with the verdict of the rows on it. */
export interface JudgedLaw extends Omit<PredictedLaw, "statement" | "source">, Verdict {
  readonly statement: string;
  readonly source: string;
}

/** Holds a measured rate against both statements of a prediction, never one in place of the other. */
export function judgeRate(
  inference: RateInference,
  prediction: Prediction,
  known: {
    readonly facts: StoredDesignFacts;
    readonly local: boolean;
    readonly certifiedShare: number | null;
  },
  startDependence: string | null,
  upperQuantile: () => UpperQuantile | null,
): { published: JudgedLaw | null; audited: JudgedLaw | null } {
  const evidence: RateEvidence = {
    slope: inference.slope.value,
    ci: inference.slope.ci,
    sizes: inference.sizes,
    curvaturePValue: inference.curvature.pValue,
    afterBurnIn: afterBurnIn(inference),
    decay: inference.decay,
    certifiedShare: inference.fits === "certified" ? 1 : known.certifiedShare,
    obstacles: obstaclesOf(prediction, known, startDependence),
    ...(prediction.audited?.kind === "not-identified" && { upper: upperQuantile() }),
  };
  const judge = (law: PredictedLaw | null): JudgedLaw | null => law && { ...law, ...verdict(evidence, law) };
  return { published: judge(prediction.published), audited: judge(prediction.audited) };
}

function afterBurnIn({ burnIn }: RateInference): NonNullable<RateEvidence["afterBurnIn"]> | null {
  if (burnIn === null || burnIn.fromN === null || burnIn.slope === null) return null;
  const { value, ci } = burnIn.slope;
  return value === null || ci === null ? null : { fromN: burnIn.fromN, slope: value, ci };
}

function obstaclesOf(
  { group, audited, reason }: Prediction,
  { facts, local }: { readonly facts: StoredDesignFacts; readonly local: boolean },
  startDependence: string | null,
): Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (local) {
    obstacles.push({
      kind: "local-fits",
      reason: "local fits: optima near the starts they were given, not the least-squares estimator",
    });
  }
  if (startDependence !== null) obstacles.push({ kind: "start-dependent", reason: startDependence });
  if (group === "regression") return obstacles;
  const [k, kTrue] = [facts.fit.atoms, trueAtoms(facts)];
  const tooMany = k > 2 * kTrue - 1 && audited?.kind === "not-identified";
  if (tooMany) {
    obstacles.push({
      kind: "too-many-atoms",
      reason: `k = ${k} exceeds 2k* - 1 = ${2 * kTrue - 1}: gates are not identified`,
    });
  } else if (audited?.kind === "not-identified") {
    obstacles.push({ kind: "unidentified", reason: `this component is not identified: ${reason}` });
  }
  return obstacles;
}
