import { describe, expect, test } from "vitest";
import {
  designsOf,
  fitStreamOf,
  parseStudy,
  replicateStream,
  sampleStreamOf,
  truthIdOf,
} from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

/** Sample stream keys of the study's two designs at n = 100 and 200, for replicate 7. */
function keys(overrides: string[] = [], context: object = {}): string[] {
  const parsed = parseStudy(validStudy, { fileName: "s.yaml", families, overrides });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { study } = parsed;
  return designsOf(study, { engine: "fused-simd", kernelHash: "00", ...context }).flatMap((design) =>
    [100, 200].map((n) =>
      JSON.stringify(
        replicateStream(study, truthIdOf(design), sampleStreamOf(study, design, n), 7, "inputs"),
      ),
    ),
  );
}

describe("the stream of a sample", () => {
  test("is keyed by seed, truth, sample stream, replicate and purpose", () => {
    const key = JSON.parse(keys()[0]) as unknown[];
    expect(key).toEqual([20250405, expect.stringMatching(/^[0-9a-f]{16}$/), "common", 7, "inputs"]);
  });

  test("is by default the same for every fit and every n", () => {
    expect(new Set(keys()).size).toBe(1);
  });

  test("is apart for every n when samples are not nested", () => {
    const [a, b, c, d] = keys(["design.nested=false"]);
    expect([a === c, b === d, a === b]).toEqual([true, true, false]);
  });

  test("is apart for every fit without common random numbers", () => {
    const [a, b, c, d] = keys(["design.commonRandomNumbers=false"]);
    expect([a === b, c === d, a === c]).toEqual([true, true, false]);
    expect(new Set(keys(["design.commonRandomNumbers=false", "design.nested=false"])).size).toBe(4);
  });

  test("changes with seed and truth, not with sizes, replicates, other fits, engine or kernels", () => {
    const one = keys()[0];
    expect(keys(["seed=1"])[0]).not.toBe(one);
    expect(keys(["truth.noise.sd=0.2"])[0]).not.toBe(one);
    expect(
      keys(["fit.atoms=[5]", "fit.box=99", "design.replicates=9", "design.sampleSizes=[7, 8, 9]"])[0],
    ).toBe(one);
    expect(keys(["design.commonRandomNumbers=false"], { engine: "fused-js", kernelHash: "01" })).toEqual(
      keys(["design.commonRandomNumbers=false"]),
    );
  });
});

test("a fit's own randomness is apart for every fit and n and never the data's", () => {
  const parsed = parseStudy(validStudy, { fileName: "s.yaml", families });
  if (!parsed.ok) throw new Error("the valid study is valid");
  const designs = designsOf(parsed.study, { engine: "fused-simd", kernelHash: "00" });
  const streams = designs.flatMap((design) => [fitStreamOf(design, 100), fitStreamOf(design, 200)]);
  expect(new Set([...streams, "common"]).size).toBe(5);
});
