import { shippedFamilies } from "@moe-rates/mixture";
import type { FamilySpec } from "@moe-rates/mixture";
import { predictionsFor } from "@moe-rates/theory";
import type { Prediction } from "@moe-rates/theory";
import { canonicalJson, dimensionOf, trueAtoms } from "@moe-rates/study";
import type { FitSpec, ResolvedStudy } from "@moe-rates/study";
import { rowObjects } from "../store/query-result.ts";
import type { QueryResult } from "../store/query-result.ts";

/** A design of a file with what its identity says. */
export interface StoredDesignFacts {
  readonly design: string;
  readonly fitName: string;
  readonly fit: Omit<FitSpec, "name">;
  readonly truth: ResolvedStudy["truth"];
  /** Whether fits of one replicate number saw the same data. */
  readonly commonRandomNumbers: boolean;
}

/** Designs with their identities. */
export const designsSql = "SELECT design, fit, identity FROM designs ORDER BY rowid";

/** Designs out of the result of `designsSql`. */
export async function readDesignFacts(result: QueryResult): Promise<StoredDesignFacts[]> {
  return (await rowObjects(result)).map((record) => {
    const identity = JSON.parse(String(record["identity"])) as {
      fit: Omit<FitSpec, "name">;
      truth: ResolvedStudy["truth"];
      commonRandomNumbers: boolean;
    };
    const { fit, truth, commonRandomNumbers } = identity;
    return {
      design: String(record["design"]),
      fitName: String(record["fit"]),
      fit,
      truth,
      commonRandomNumbers,
    };
  });
}

/** Whether a fit has the truth's gating and expert, values that the fit estimates (the temperature) aside: predictions are about such fits. */
export function hasTrueFamilies({ fit, truth }: Pick<StoredDesignFacts, "fit" | "truth">): boolean {
  return (
    canonicalJson(withoutEstimates(fit.gating)) === canonicalJson(withoutEstimates(truth.gating)) &&
    canonicalJson(fit.expert) === canonicalJson(truth.expert)
  );
}

function withoutEstimates(spec: FamilySpec): FamilySpec {
  if (typeof spec === "string") return spec;
  const known = shippedFamilies.gatings[spec.family]?.options ?? {};
  const kept = Object.entries(spec).filter(([name]) => known[name]?.estimated !== true);
  return { ...Object.fromEntries(kept), family: spec.family };
}

/** What theory says of the losses of a design; none for fits of other families than the truth's, and for families that theory does not know. */
export function predictionsOf(facts: StoredDesignFacts, losses: readonly string[]): Prediction[] {
  if (!hasTrueFamilies(facts)) return [];
  const { truth, fit } = facts;
  return predictionsFor({
    gating: truth.gating,
    expert: truth.expert,
    inputDim: dimensionOf(truth.input),
    trueAtoms: trueAtoms(facts),
    fittedAtoms: fit.atoms,
    atoms: truth.atoms,
    losses,
  });
}
