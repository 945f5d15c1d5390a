import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { createModel, parseFamily, shippedFamilies, withPlugin, type Families } from "../src/index.ts";
import { expertContract } from "./support/expert-contract.ts";
import { gatingContract } from "./support/gating-contract.ts";

/** `PLUGIN=my-plugin.mjs pnpm vitest run --project mixture plugin-contract` holds a plugin of your own to the contract in place of the examples: they would
 *  take its names when it began as a copy of one. */
const own = process.env["PLUGIN"];
const examples = ["custom-expert.mjs", "custom-gating.mjs", "forward-bump.mjs"].map((file) =>
  fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url)),
);
const files = own ? [resolve(own)] : examples;

let families: Families = shippedFamilies;
for (const file of files) {
  const plugin: Partial<Families> = await import(pathToFileURL(file).href);
  families = withPlugin(families, plugin, file);
  for (const family of Object.values(plugin.gatings ?? {})) gatingContract(family);
  for (const family of Object.values(plugin.experts ?? {})) expertContract(family);
}

describe.skipIf(own)("the example plugins (which are not loaded beside a plugin of your own)", () => {
  test("give a model that no shipped family gives", () => {
    const model = createModel({
      gating: "normalised-sigmoid",
      expert: parseFamily("sine", "expert", families),
      inputDim: 1,
      atoms: 2,
      families,
    });
    const theta = model.pack([
      { beta1: [1], beta0: 0.5, a: [2], b: 0 },
      { beta1: [-1], beta0: 0, a: [1], b: 1 },
    ]);
    const f = new Float64Array(1);
    model.regression(theta, Float64Array.of(0.3), 1, f);
    const sigmoid = (c: number) => 1 / (1 + Math.exp(-c));
    const [s1, s2] = [sigmoid(0.8), sigmoid(-0.3)];
    expect(f[0]).toBeCloseTo((s1 * Math.sin(0.6) + s2 * Math.sin(1.3)) / (s1 + s2), 14);
  });

  test("leave the shipped families alone", () => {
    expect(Object.keys(shippedFamilies.experts)).not.toContain("sine");
    expect(Object.keys(families.experts)).toEqual(
      expect.arrayContaining([...Object.keys(shippedFamilies.experts), "sine"]),
    );
  });
});
