import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { createSolver } from "../src/index.ts";
import { jetProblem } from "./support/jet-problem.ts";
import { parseNistFile, type NistFile } from "./support/nist-file.ts";
import { nistModels } from "./support/nist-models.ts";

/** The NIST StRD collection for nonlinear regression, which the repository does not carry: it is read beside the checkout. */
const folder = fileURLToPath(new URL("../../../../shared/data/nist", import.meta.url));
const present = existsSync(folder);
if (!present)
  console.log("skipped: the NIST StRD files (../shared/data/nist beside the repository) are not there");

/** The stored Roszman1 prints 1.20196866396E-0 for b1, where the published one, and its own residual sum of squares, say 2.0196866396E-01. */
const errata: Record<string, Record<number, number>> = { Roszman1: { 0: 2.0196866396e-1 } };

/** Starts far from the solution: the scale of a parameter whose column vanishes on the way must be kept, and the first step be short. */
const options = {
  maxIterations: 1000,
  cosineTolerance: 1e-9,
  reductionTolerance: 1e-14,
  initialRadius: 1,
  monotoneScaling: true,
};
function load(name: string): NistFile {
  const file = parseNistFile(readFileSync(`${folder}/${name}.dat`, "utf8"));
  const certified = file.certified.map((value, i) => errata[name]?.[i] ?? value);
  return { ...file, certified, y: name === "Nelson" ? file.y.map(Math.log) : file.y };
}

function problemOf(name: string, file: NistFile) {
  const model = nistModels[name];
  return jetProblem({
    dimension: file.certified.length,
    exact: false,
    residuals: (b) => file.x.map((x, i) => model(b, x).minus(file.y[i])),
  });
}

/** Correct significant digits of the worst parameter, -log10 of its relative error, at most the 11 that are published. */
function digits(theta: Float64Array, certified: Float64Array): number {
  return Math.min(
    ...Array.from(theta, (value, i) => Math.min(11, -Math.log10(Math.abs(value / certified[i] - 1)))),
  );
}

describe.skipIf(!present)(
  "NIST StRD nonlinear regression (skipped where ../shared/data/nist is absent)",
  () => {
    const table: string[] = [];
    afterAll(() => console.log(["data set and start  digits  iterations  status", ...table].join("\n")));

    describe.each(Object.keys(nistModels))("%s", (name) => {
      test("the certified parameters have the certified residual sum of squares", () => {
        const file = load(name);
        const sse = problemOf(name, file).value(file.certified);
        // The data of Lanczos1 are exact to 13 digits, so that rounding the parameters to 11 shows in a sum of squares of 1e-25.
        if (name === "Lanczos1") expect(sse).toBeLessThan(1e-20);
        else expect(Math.abs(sse / file.sse - 1)).toBeLessThan(1e-6);
      });

      test.each([1, 2])("at least 6 digits from start %i", (start) => {
        const file = load(name);
        const result = createSolver(problemOf(name, file)).solve(file.starts[start - 1], options);
        const correct = digits(result.theta, file.certified);
        table.push([`${name} ${start}`, correct.toFixed(1), result.iterations, result.status].join("  "));
        expect(correct).toBeGreaterThanOrEqual(6);
      });
    });
  },
);
