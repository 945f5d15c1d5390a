import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { binaryOf } from "../bootstrap/workspace-paths.mjs";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";
import { claimProblem, firstExample, withClaims } from "../readme-examples/example-claims.ts";
import { temporaryDirectory, writeFiles } from "./temporary-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = workspacePackages(root).filter((one) => one.published);

function exampleOf(directory: string): string | null {
  const file = join(directory, "README.md");
  return existsSync(file) ? firstExample(readFileSync(file, "utf8")) : null;
}

describe("the first example of the README of", () => {
  test.for(packages.map((one) => [one.folder, one] as const))(
    "%s runs and gives what it says",
    async ([, one]) => {
      expect(exampleOf(one.directory), `${one.folder}/README.md needs a \`\`\`ts example`).not.toBeNull();
      const { default: claims } = await import(`../../packages/${one.folder}/README.md?example`);
      expect(claims.map(claimProblem).filter(Boolean)).toEqual([]);
    },
  );
});

test("every example type-checks", () => {
  const directory = temporaryDirectory();
  const source = (folder: string) => [join(root, "packages", folder, "src", "index.ts")];
  const examples = packages.flatMap((one) => {
    const example = exampleOf(one.directory);
    return example ? [[`${one.folder}.ts`, `${example}\nexport {};\n`] as const] : [];
  });
  writeFiles(directory, Object.fromEntries(examples));
  writeFiles(directory, {
    "package.json": { type: "module" },
    "tsconfig.json": {
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: {
        composite: false,
        incremental: false,
        declaration: false,
        declarationMap: false,
        noEmit: true,
        noUnusedLocals: false,
        types: ["node"],
        typeRoots: [join(root, "node_modules", "@types")],
        paths: Object.fromEntries(packages.map((one) => [one.manifest.name, source(one.folder)])),
      },
      files: examples.map(([file]) => file),
    },
  });
  const arguments_ = [binaryOf(root, "typescript", "tsc"), "-p", directory];
  const { stdout, status } = spawnSync(process.execPath, arguments_, { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

describe("claims in an example", () => {
  test("are the comments after an expression or a declaration", () => {
    const code = withClaims(`const a = f(1); // => 2\na + 1; // => 3\nplain(); // a remark`);
    expect(code).toContain(
      `const a = f(1); claims.push({ code: "const a = f(1);", actual: a, expected: "2" });`,
    );
    expect(code).toContain(`claims.push({ code: "a + 1;", actual: (a + 1), expected: "3" });`);
    expect(code).toContain("plain(); // a remark");
  });

  test.for<[unknown, string]>([
    [0.123456, "0.1235"],
    [1 / 3, "0.333..."],
    [[0.5, 1 / 3], "[0.5, 0.33]"],
    [Float64Array.of(1, 2), "[1, 2]"],
    [{ a: [1], b: "x" }, '{ a: [1], b: "x" }'],
    ["text", '"text"'],
    [true, "true"],
    [-1e-9, "-1e-9"],
  ])("%o holds as %s: numbers to the digits written", ([actual, expected]) => {
    expect(claimProblem({ code: "x;", actual, expected })).toBeNull();
  });

  test.for<[unknown, string]>([
    [0.12356, "0.1235"],
    [[1, 2], "[1]"],
    [{ a: 1 }, "{ a: 2 }"],
    ["text", '"test"'],
    [Number.NaN, "0"],
  ])("%o does not hold as %s", ([actual, expected]) => {
    expect(claimProblem({ code: "x;", actual, expected })).toContain(`is said to be ${expected}`);
  });

  test("a comment that is no value is reported", () => {
    expect(claimProblem({ code: "x;", actual: 1, expected: "about one" })).toContain("no value");
  });
});
