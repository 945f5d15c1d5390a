import { describe, expect, test } from "vitest";
import {
  canonicalJson,
  contentHash,
  designPointsOf,
  designsOf,
  type NumericsContext,
  parseStudy,
  type ResolvedStudy,
} from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

const context: NumericsContext = { engine: "fused-simd", kernelHash: "00ff" };

function study(overrides: string[] = []): ResolvedStudy {
  const parsed = parseStudy(validStudy, { fileName: "s.yaml", families, overrides });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.study;
}

const ids = (overrides: string[] = [], other = context): string[] =>
  designsOf(study(overrides), other).map((design) => design.id);

describe("canonical JSON", () => {
  test("sorts keys, writes numbers in their shortest form and -0 as 0", () => {
    expect(canonicalJson({ b: [1e21, -0, 0.1], a: { d: "é", c: null }, "10": true, "9": false })).toBe(
      '{"10":true,"9":false,"a":{"c":null,"d":"é"},"b":[1e+21,0,0.1]}',
    );
  });

  test("leaves undefined out and refuses what JSON cannot hold", () => {
    expect(canonicalJson({ a: undefined })).toBe("{}");
    expect(() => canonicalJson({ a: Number.NaN })).toThrow("numbers must be finite");
    expect(() => canonicalJson(() => 1)).toThrow("cannot hold a function");
  });

  test("hashes to the first 16 hex digits of its SHA-256", () => {
    // printf '{"a":1}' | sha256sum
    expect(contentHash({ a: 1 })).toBe("015abd7f5cc57a2d");
  });
});

describe("a design", () => {
  test("is one fit with one k, its id the hash of its identity", () => {
    const designs = designsOf(study(), context);
    expect(designs.map(({ k, fit }) => [k, fit.atoms])).toEqual([
      [2, 2],
      [3, 3],
    ]);
    for (const { id, identity } of designs) expect(id).toBe(contentHash(identity));
    expect(new Set(ids()).size).toBe(2);
  });

  test("keeps its id when names, sizes, replicates, losses or other fits change", () => {
    for (const change of [
      "name=other",
      "fit.name=other",
      "design.sampleSizes=[10, 20, 40]",
      "design.replicates=7",
      "losses=[voronoi-d1]",
    ]) {
      expect(ids([change]), change).toEqual(ids());
    }
    expect(ids(["fit.atoms=[1, 3, 2]"]).slice(1).toReversed()).toEqual(ids());
  });

  test("keeps its id when a default is written out", () => {
    expect(
      ids(["fit.gating={family: softmax}", "truth.expert={bias: false, family: ffn}", "design.nested=true"]),
    ).toEqual(ids());
  });

  test("changes its id with everything that determines its numbers", () => {
    const changes = [
      "seed=2",
      "truth.noise.sd=0.2",
      "truth.input.high=2",
      "truth.atoms[0].beta0=0.5",
      "truth.expert.activation=gelu",
      "design.nested=false",
      "design.commonRandomNumbers=false",
      "fit.box=11",
      "fit.starts.random=7",
      "fit.gating=sigmoid",
      "fit.atoms=[4, 5]",
    ];
    const seen = new Set(ids());
    for (const change of changes) {
      const changed = ids([change]);
      expect(
        changed.some((id) => seen.has(id)),
        change,
      ).toBe(false);
      changed.forEach((id) => seen.add(id));
    }
    for (const other of [
      { engine: "fused-js" },
      { kernelHash: "01" },
      { pluginHashes: { "expert:ffn": "ab" } },
    ]) {
      expect(ids([], { ...context, ...other }).some((id) => seen.has(id))).toBe(false);
    }
  });

  test("does not change with plugins it does not use", () => {
    expect(ids([], { ...context, pluginHashes: { "gating:mine": "ab", "expert:softmax": "cd" } })).toEqual(
      ids(),
    );
  });

  test("takes covariates by content, wherever the file lies", () => {
    const at = (file: string) => [`truth.input={covariates: ${file}}`];
    const hashed = { ...context, covariatesHash: "abc" };
    expect(ids(at("a.csv"), hashed)).toEqual(ids(at("elsewhere/b.csv"), hashed));
    expect(ids(at("a.csv"), hashed)).not.toEqual(ids(at("a.csv"), { ...context, covariatesHash: "abd" }));
    expect(() => ids(at("a.csv"))).toThrow("the content hash of the covariates a.csv is needed");
  });
});

test("design points are every design at every size", () => {
  const designs = designsOf(study(), context);
  const points = designPointsOf(designs, [10, 20]);
  expect(points).toHaveLength(4);
  expect(points[1]).toEqual({ id: `${designs[0].id}/20`, design: designs[0].id, n: 20, k: 2 });
});
