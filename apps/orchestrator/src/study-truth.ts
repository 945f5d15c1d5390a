import { testPoints } from "@moe-rates/losses";
import type { MixtureModel } from "@moe-rates/mixture";
import { truthModel } from "@moe-rates/study";
import type { Points } from "@moe-rates/theory";
import { loadStudy, type LoadedStudy, type StudyRequest } from "./load-study.ts";

/** The truth of a study, for verbs that ask about it without drawing data. */
export interface StudyTruth extends LoadedStudy {
  readonly model: MixtureModel;
  readonly theta: Float64Array;
  /** Low-discrepancy points of the law of x, or the rows of the covariates. */
  inputPoints(count: number): Points;
}

/** Loads a study and builds its truth. Throws as `loadStudy` does. */
export async function studyTruth(request: StudyRequest): Promise<StudyTruth> {
  const loaded = await loadStudy(request);
  const { study, plugins, covariates } = loaded;
  const { model, theta } = truthModel(study, plugins.families);
  return {
    ...loaded,
    model,
    theta,
    inputPoints(count) {
      const { input } = study.truth;
      if (input.law !== "covariates") return testPoints(input, count);
      return { points: covariates?.values ?? new Float64Array(), count: covariates?.rows ?? 0 };
    },
  };
}
