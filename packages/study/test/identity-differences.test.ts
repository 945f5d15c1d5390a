import { describe, expect, test } from "vitest";
import {
  compareWithStored,
  designsOf,
  differences,
  formatDifference,
  parseStudy,
  type StoredDesign,
} from "../src/index.ts";
import { families } from "./support/families.ts";
import { validStudy } from "./support/valid-study.ts";

function designs(overrides: string[] = [], context: object = {}) {
  const parsed = parseStudy(validStudy, { fileName: "s.yaml", families, overrides });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return designsOf(parsed.study, { engine: "fused-simd", kernelHash: "00", ...context });
}

const stored: StoredDesign[] = designs().map(({ id, fit, k, identity }) => ({
  id,
  fit: fit.name,
  k,
  identity: JSON.parse(JSON.stringify(identity)) as StoredDesign["identity"],
}));

test("differences name each path with what was and what is", () => {
  expect(differences(stored[0].identity, stored[0].identity)).toEqual([]);
  const before = { a: 1, atoms: [{ a: [1, 2] }], gone: true, same: [1, { b: 2 }] };
  const after = { a: 2, atoms: [{ a: [1, 3] }, { a: [0, 0] }], same: [1, { b: 2 }], come: null };
  expect(differences(before, after).map(formatDifference)).toEqual([
    "a: stored 1, now 2",
    "atoms[0].a: stored [1,2], now [1,3]",
    'atoms[1]: stored nothing, now {"a":[0,0]}',
    "gone: stored true, now nothing",
    "come: stored nothing, now null",
  ]);
});

describe("compared with a file, a study", () => {
  test("continues it when nothing but sizes, replicates, losses or names change", () => {
    for (const overrides of [
      [],
      ["design.replicates=80", "design.sampleSizes=[10, 20, 40]"],
      ["fit.name=other"],
    ]) {
      const { kept, extensions, refused, left } = compareWithStored(stored, designs(overrides));
      expect([kept.length, extensions.length, refused.length, left.length]).toEqual([2, 0, 0, 0]);
    }
  });

  test("extends it with another k or another fit, and leaves what it no longer names", () => {
    const more = compareWithStored(stored, designs(["fit.atoms=[2, 4]"]));
    expect([more.kept[0].k, more.extensions[0].k, more.left[0].k]).toEqual([2, 4, 3]);
    const other = compareWithStored(
      stored,
      designs(["fit.name=near", "fit.starts={near-truth: {radius: 0.4, count: 2}}"]),
    );
    expect([other.kept.length, other.extensions.length, other.refused.length]).toEqual([0, 2, 0]);
  });

  test("extends an empty file", () => {
    expect(compareWithStored([], designs()).extensions).toHaveLength(2);
  });

  test("is refused when a fit has changed under its name", () => {
    const { refused } = compareWithStored(stored, designs(["fit.box=11"]));
    expect(refused.map(({ because, design }) => [because, design.k])).toEqual([
      ["fit", 2],
      ["fit", 3],
    ]);
    expect(refused[0].differences.map(formatDifference)).toEqual(["fit.box: stored 10, now 11"]);
  });

  test("is refused when truth, seed or engine have changed, even for fits that are new to the file", () => {
    const changed = compareWithStored(stored, designs(["truth.noise.sd=0.2", "fit.atoms=[2, 4]"]));
    expect(changed.extensions).toEqual([]);
    expect(
      changed.refused.map(({ because, differences: list }) => [because, ...list.map(formatDifference)]),
    ).toEqual([
      ["study", "truth.noise.sd: stored 0.1, now 0.2"],
      ["study", "truth.noise.sd: stored 0.1, now 0.2"],
    ]);
    const engine = compareWithStored(stored, designs(["fit.name=new", "fit.box=12"], { engine: "fused-js" }));
    expect(engine.refused[0].differences.map((one) => one.path)).toEqual(["engine"]);
  });

  test("is extended by a fit with a plugin, but refused when the truth's plugin changes", () => {
    const plugin = { pluginHashes: { "gating:sigmoid": "ab" } };
    const added = compareWithStored(stored, designs(["fit.name=new", "fit.gating=sigmoid"], plugin));
    expect(added.extensions).toHaveLength(2);
    const truth = compareWithStored(
      stored,
      designs(["fit.name=new"], { pluginHashes: { "gating:softmax": "ab" } }),
    );
    expect(truth.refused[0].because).toBe("study");
  });
});
