import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pnpmHome } from "../bootstrap/pinned-pnpm.mjs";
import { pathWith } from "../bootstrap/workspace-paths.mjs";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = workspacePackages(root).filter((one) => one.published);
const directory = mkdtempSync(join(tmpdir(), "moe-rates-publish-"));

/** Ways of importing that our packages, ES modules alone, do not offer: the resolution of Node 10, and `require`. */
const notOffered = new Set(["node10", "node16-cjs"]);

/** The tarball of a package by its folder, or of the command line (null). */
function tarballOf(folder: string | null): Uint8Array {
  const pattern = new RegExp(
    folder === null ? String.raw`^moe-rates-\d` : String.raw`^moe-rates-${folder}-\d`,
  );
  const file = readdirSync(directory).find((name) => pattern.test(name));
  return new Uint8Array(readFileSync(join(directory, file ?? "missing.tgz")));
}

beforeAll(() => {
  const env = { ...process.env, PATH: pathWith(join(pnpmHome(), "node_modules", ".bin")) };
  const filters = ["--filter", "./packages/*", "--filter", "./apps/*"];
  const packed = spawnSync("pnpm", [...filters, "pack", "--pack-destination", directory], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect(packed.status, `${packed.stdout}${packed.stderr}`).toBe(0);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.for(packages.map((one) => [one.folder, one] as const))(
  "the tarball of %s",
  ([folder, { manifest }]) => {
    test("has nothing that publint warns of", async () => {
      const { messages, pkg } = await publint({
        pack: { tarball: tarballOf(folder).slice().buffer },
        strict: true,
      });
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    });

    test("has types that every module resolution finds and that agree with its code", async () => {
      const result = await checkPackage(createPackageFromTarballData(tarballOf(folder)));
      expect(result).toMatchObject({ packageName: manifest.name, types: { kind: "included" } });
      const problems = "problems" in result ? result.problems : [];
      const own = problems.filter(
        (problem) => !("resolutionKind" in problem && notOffered.has(problem.resolutionKind)),
      );
      expect(own).toEqual([]);
    });
  },
);

test("the command line's tarball has nothing that publint warns of", async () => {
  const { messages, pkg } = await publint({
    pack: { tarball: tarballOf(null).slice().buffer },
    strict: true,
  });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});
