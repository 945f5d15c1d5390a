import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { importCycles } from "../boundaries/import-cycles.mjs";
import { importableFrom } from "../boundaries/layers.mjs";
import { temporaryDirectory, writeFiles } from "./temporary-files.ts";

const script = fileURLToPath(new URL("../check-boundaries.mjs", import.meta.url));

function check(root: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return { status, stdout, violations: stderr.split("\n").filter(Boolean) };
}

function manifest(folder: string, dependencies: string[] = [], rest: object = {}) {
  const name = folder === "orchestrator" ? "moe-rates" : `@moe-rates/${folder}`;
  const exports = { ".": "./src/index.ts" };
  return { name, exports, dependencies: Object.fromEntries(dependencies.map((one) => [one, "*"])), ...rest };
}

/** A small workspace that keeps every rule, with some files added or replaced. */
function checkWith(files: Record<string, unknown>) {
  const root = temporaryDirectory();
  writeFiles(root, {
    "package.json": { name: "root", devDependencies: { vitest: "*" } },
    "packages/math/package.json": manifest("math"),
    "packages/math/src/index.ts": `export * from "./stream.ts";`,
    "packages/math/src/stream.ts": `export const stream = 1;`,
    "packages/losses/package.json": manifest("losses"),
    "packages/losses/src/index.ts": `export const loss = 1;`,
    "packages/estimators/package.json": manifest("estimators", ["@moe-rates/math"]),
    "packages/estimators/src/index.ts": `import { stream } from "@moe-rates/math";\nexport const fit = stream;`,
    "packages/estimators/test/fit.test.ts": `import { test } from "vitest";\nimport "../src/index.ts";\nimport "node:fs";`,
    "apps/orchestrator/package.json": manifest("orchestrator", ["@moe-rates/estimators"]),
    "apps/orchestrator/src/cli.ts": `import "node:fs";\nimport { fit } from "@moe-rates/estimators";\nexport { fit };`,
    ...files,
  });
  return check(root);
}

test("the repository keeps every boundary", () => {
  const { status, violations, stdout } = check(fileURLToPath(new URL("../..", import.meta.url)));
  expect(violations).toEqual([]);
  expect(stdout).toMatch(/^boundaries: \d+ packages, \d+ files, 0 violations\n$/);
  expect(status).toBe(0);
});

test("a workspace that keeps every rule passes", () => {
  expect(checkWith({})).toEqual({
    status: 0,
    stdout: "boundaries: 4 packages, 6 files, 0 violations\n",
    violations: [],
  });
});

describe("fails, with file and line, on", () => {
  const fit = "packages/estimators/src/index.ts";
  const keep = `import { stream } from "@moe-rates/math";\nexport const fit = stream;\n`;
  const withLosses = manifest("estimators", ["@moe-rates/math", "@moe-rates/losses"]);

  test.for<[string, Record<string, unknown>, string[]]>([
    [
      "an import from a later or equal layer, and the dependency that allows it",
      {
        [fit]: `${keep}import { loss } from "@moe-rates/losses";`,
        "packages/estimators/package.json": withLosses,
      },
      [
        "estimators/src/index.ts:3: estimators may not import @moe-rates/losses",
        "estimators/package.json: may not depend on @moe-rates/losses",
      ],
    ],
    [
      "a type-only import from another layer",
      { [fit]: `${keep}export type Loss = import("@moe-rates/losses").Loss;` },
      ["estimators/src/index.ts:3: estimators may not import @moe-rates/losses"],
    ],
    [
      "a relative import of another package",
      { [fit]: `${keep}export * from "../../losses/src/index.ts";` },
      ["estimators/src/index.ts:3: ../../losses/src/index.ts leaves the package: import packages by name"],
    ],
    [
      "source that reaches into its tests",
      { [fit]: `${keep}import "../test/fit.test.ts";` },
      ["estimators/src/index.ts:3: ../test/fit.test.ts leaves src, which is all that is built"],
    ],
    [
      "a path inside another package that it does not export",
      { [fit]: `${keep}import "@moe-rates/math/src/stream.ts";` },
      ["estimators/src/index.ts:3: @moe-rates/math/src/stream.ts is not exported by @moe-rates/math"],
    ],
    [
      "a Node module in a package, with and without its prefix",
      { [fit]: `${keep}import "node:fs";\nconst path = await import("path");` },
      [
        "estimators/src/index.ts:3: node:fs is Node only: packages run in browsers too",
        "estimators/src/index.ts:4: path is Node only: packages run in browsers too",
      ],
    ],
    [
      "an import that package.json does not declare, even when the root has it",
      { [fit]: `${keep}import "vitest";` },
      ["estimators/src/index.ts:3: vitest is not in the package's dependencies"],
    ],
    [
      "a dependency that nothing imports",
      { [fit]: `export const fit = 1;` },
      ["estimators/package.json: depends on @moe-rates/math but never imports it"],
    ],
    [
      "Math.random, also computed, global or destructured",
      { [fit]: `${keep}Math.random();\nglobalThis.Math["random"]();\nconst { random } = Math;` },
      [3, 4, 5].map(
        (line) =>
          `estimators/src/index.ts:${line}: Math.random is no keyed stream: use stream() of @moe-rates/math`,
      ),
    ],
    [
      "random numbers of the platform, and seedrandom outside math",
      {
        [fit]: `${keep}crypto.getRandomValues(new Uint8Array(1));\nimport "seedrandom";`,
        "packages/estimators/package.json": manifest("estimators", ["@moe-rates/math", "seedrandom"]),
      },
      [
        "estimators/src/index.ts:3: getRandomValues is no keyed stream: use stream() of @moe-rates/math",
        "estimators/src/index.ts:4: seedrandom is used through stream() of @moe-rates/math only",
      ],
    ],
    [
      "files that import each other",
      { "packages/math/src/stream.ts": `export * from "./index.ts";` },
      ["math: import cycle src/index.ts -> src/stream.ts -> src/index.ts"],
    ],
    [
      "a package that has no place in the order",
      { "packages/extra/package.json": manifest("extra") },
      ["extra: has no place in tools/boundaries/layers.mjs"],
    ],
  ])("%s", ([, files, violations]) => {
    const result = checkWith(files);
    expect(result.violations).toEqual(violations);
    expect(result.status).toBe(1);
  });

  test("Math.random in the orchestrator", () => {
    const cli = `import { fit } from "@moe-rates/estimators";\nexport const jitter = fit * Math.random();`;
    expect(checkWith({ "apps/orchestrator/src/cli.ts": cli }).violations).toEqual([
      "orchestrator/src/cli.ts:2: Math.random is no keyed stream: use stream() of @moe-rates/math",
    ]);
  });
});

test("words in comments and strings are no imports and no random numbers", () => {
  const stream = `// import "node:fs"; Math.random()\nexport const stream = "Math.random";`;
  expect(checkWith({ "packages/math/src/stream.ts": stream }).violations).toEqual([]);
});

test("type-only imports are erased, so they close no cycle", () => {
  const stream = `import type { Fit } from "./index.ts";\nexport const stream = 1 as unknown as Fit;`;
  expect(checkWith({ "packages/math/src/stream.ts": stream }).violations).toEqual([]);
});

test("importCycles reports each cycle once and follows diamonds only once", () => {
  const edges = new Map([
    ["a", ["b", "c"]],
    ["b", ["d"]],
    ["c", ["d"]],
    ["d", ["c"]],
  ]);
  expect(importCycles(edges)).toEqual([["d", "c", "d"]]);
});

test("rates may import math alone, estimators never losses", () => {
  expect(importableFrom("rates")).toEqual(["math"]);
  expect(importableFrom("estimators")).not.toContain("losses");
  expect(importableFrom("study")).toEqual(expect.arrayContaining(["losses", "estimators", "mixture"]));
  expect(importableFrom("gating")).toEqual(["math", "kernels"]);
});
