import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { pnpmHome } from "../bootstrap/pinned-pnpm.mjs";
import { binaryOf, pathWith } from "../bootstrap/workspace-paths.mjs";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("a dry run of nx release gives every package the new version and touches no file", () => {
  const manifests = workspacePackages(root).map(({ directory }) => join(directory, "package.json"));
  const before = manifests.map((file) => readFileSync(file, "utf8"));
  const released = spawnSync(
    process.execPath,
    [binaryOf(root, "nx", "nx"), "release", "9.8.7", "--skip-publish", "--dry-run"],
    {
      cwd: root,
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: pathWith(join(pnpmHome(), "node_modules", ".bin")),
        NX_DAEMON: "false",
        NX_NO_CLOUD: "true",
        NX_TUI: "false",
      },
    },
  );
  const said = stripVTControlCharacters(`${released.stdout}${released.stderr}`);
  expect(released.status, said).toBe(0);
  for (const file of manifests) expect(said).toContain(`UPDATE ${file.slice(root.length)} [dry-run]`);
  expect(said.match(/^\+\s+"version": "9\.8\.7"/gm)).toHaveLength(manifests.length);
  expect(manifests.map((file) => readFileSync(file, "utf8"))).toEqual(before);
});
