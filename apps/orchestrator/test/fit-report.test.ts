import type { DataFit, FitDataRequest } from "@moe-rates/study";
import { expect, test } from "vitest";
import { fitText, reasonsOf } from "../src/fit-data/fit-report.ts";

const request: FitDataRequest = {
  x: new Float64Array(20),
  y: new Float64Array(10),
  inputDim: 2,
  gating: "softmax",
  expert: "linear",
  atoms: 2,
  box: 1000,
};

function fitted(result: Partial<DataFit["result"]>, certificate: object = {}): DataFit {
  return {
    wallMs: 12,
    shared: {},
    atoms: [
      { beta1: [1, 0], beta0: 0.5, a: [2, 1000], b: 0 },
      { beta1: [-1, 0], beta0: -0.5, a: [1, 2], b: -1000 },
    ],
    result: {
      status: "converged",
      theta: new Float64Array(10),
      tightTheta: new Float64Array(10),
      sse: 4,
      certified: true,
      local: false,
      iterations: 7,
      evaluations: 9,
      starts: [],
      ...result,
      certificate: {
        cosine: 1e-10,
        predictedReduction: 0,
        minEigenvalue: 1,
        flatDirections: 0,
        activeBounds: [],
        starts: 5,
        optima: 2,
        reachedBest: 3,
        tightenedChange: 0,
        audited: false,
        beaten: null,
        reasons: [],
        ...certificate,
      },
    },
  };
}

const text = (fit: DataFit): string => fitText(fit, request, ["u", "v"], "fused-js");

test("a certified fit inside the box says yes and nothing of bounds", () => {
  expect(text(fitted({}))).toMatch(/^status +converged\ncertified +yes: /m);
  expect(text(fitted({}))).not.toMatch(/at the box|flat directions|NO/);
});

test("every reason against a fit has its own line, and a status other than converged is the first", () => {
  const fit = fitted(
    { status: "not-converged", certified: false },
    { reasons: ["only one start reached the best basin"] },
  );
  expect(text(fit)).toMatch(
    /^status +NOT CONVERGED\ncertified +NO: the fit ended with status not-converged\n +only one start reached the best basin$/m,
  );
  expect(reasonsOf(fit.result)).toHaveLength(2);
});

test("parameters at the box are named as in the table of atoms, with their value", () => {
  const shown = text(fitted({}, { activeBounds: ["atom[0].a[1]", "atom[1].b", "temperature"] }));
  expect(shown).toMatch(
    /^at the box +atom 1: a\[v\] = 1000, .*1000\n +atom 2: b = -1000, .*1000\n +temperature, a bound of the box 1000$/m,
  );
});

test("flat directions are counted", () => {
  expect(text(fitted({}, { flatDirections: 2 }))).toMatch(/^flat directions +2: /m);
});
