import { shippedFamilies as families } from "@moe-rates/mixture";
import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { formatProblem, parseStudy } from "../src/index.ts";
import { containsTruth, fitModels, truthModel } from "../src/design-models.ts";
import { nearTruthStarts } from "../src/near-truth-starts.ts";
import { validStudy } from "./support/valid-study.ts";

const parse = (text: string) => parseStudy(text, { fileName: "study.yaml", families });

function problemsOf(text: string): string[] {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
}

function studyOf(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.study;
}

describe("a temperature", () => {
  const gated = (gating: string, fit = "") =>
    validStudy
      .replace("gating: softmax", `gating: ${gating}`)
      .replaceAll("beta1: ", gating.includes("tanh") ? "omega: " : "beta1: ")
      .replace("  atoms: [2, 3]", `  atoms: [2, 3]${fit}`);
  const router = "{family: dense-to-sparse, router: tanh, temperature: 0.7}";

  test("belongs to the truth; fits inherit the router and its bounds, and estimate the temperature", () => {
    const study = studyOf(gated(router));
    expect(study.truth.gating).toMatchObject({ router: "tanh", temperature: 0.7, temperatureMax: 20 });
    expect(study.fits[0].gating).toMatchObject({ router: "tanh", temperatureMax: 20 });
    expect(study.fits[0].gating).not.toHaveProperty("temperature");
  });

  test("is refused in a fit's own gating", () => {
    const fit = `\n  gating: ${router}`;
    expect(problemsOf(gated(router, fit))).toEqual([
      expect.stringMatching(
        /line 13, fit\.gating\.temperature: is estimated by the fit; it belongs to truth\.gating alone/,
      ),
    ]);
  });

  test("outside its bounds is refused, whether the truth or a fit sets them", () => {
    expect(problemsOf(gated("{family: dense-to-sparse, temperature: 0.01}"))).toEqual([
      expect.stringMatching(
        /truth\.gating\.temperature: must lie between temperatureMin, 0\.05, and .* got 0\.01/,
      ),
    ]);
    const fit = "\n  gating: {family: dense-to-sparse, router: tanh, temperatureMin: 2}";
    expect(problemsOf(gated(router, fit))).toEqual([
      expect.stringMatching(/fit\.gating\.temperature: must lie between temperatureMin, 2, .* got 0\.7/),
    ]);
    expect(
      problemsOf(gated("{family: dense-to-sparse, temperatureMin: 3, temperatureMax: 2, temperature: 2}")),
    ).toEqual([
      expect.stringMatching(/truth\.gating\.temperatureMin: must be below temperatureMax, 2; got 3/),
    ]);
  });

  test("of the truth is where the truth's model has it, and fits of the family contain the truth whatever it is", () => {
    const study = studyOf(gated(router));
    const truth = truthModel(study, families);
    expect(truth.model.unpackShared(truth.theta)).toEqual({ temperature: 0.7 });
    expect(containsTruth(study, study.fits[0])).toBe(true);
    expect(
      containsTruth(
        study,
        studyOf(gated(router, "\n  gating: {family: dense-to-sparse, router: tanh, temperatureMax: 5}"))
          .fits[0],
      ),
    ).toBe(false);
  });

  test("near the truth is the true one times a random factor; a spare atom shares the mass exp(beta0 / tau) of its cell", () => {
    const study = studyOf(gated(router));
    const truth = truthModel(study, families);
    const model = fitModels(study, study.fits[1], families)(3);
    const at = model.parameterNames.indexOf("temperature");
    const [exact] = nearTruthStarts(model, truth, 0, 1, stream("near"));
    expect(exact.theta[at]).toBe(0.7);
    const total = model.measure(exact.theta).atoms.reduce((sum, { mass }) => sum + mass, 0);
    expect(total).toBeCloseTo(Math.exp(0.4 / 0.7) + 1, 12);
    const moved = nearTruthStarts(model, truth, 0.3, 200, stream("near")).map(
      ({ theta }) => Math.log(theta[at] / 0.7) / 0.3,
    );
    const mean = moved.reduce((sum, z) => sum + z, 0) / 200;
    const square = moved.reduce((sum, z) => sum + z * z, 0) / 200;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(200));
    expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / 200));
  });
});
