import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** @typedef {{ name: string, exports?: Record<string, unknown> | string, dependencies?: Record<string, string>,
 *    peerDependencies?: Record<string, string>, optionalDependencies?: Record<string, string>,
 *    devDependencies?: Record<string, string> }} Manifest
 *  @typedef {{ path: string, shipped: boolean }} SourceFile path relative to the package; shipped = under src
 *  @typedef {{ folder: string, directory: string, published: boolean, manifest: Manifest, files: SourceFile[] }} Package */

const developmentFolders = ["test", "bench", "examples"];
const sourceFile = /\.[cm]?[jt]s$/;

/** All packages of the workspace with their source files.
 *  @param {string} root @returns {Package[]} */
export function workspacePackages(root) {
  return ["packages", "apps"].flatMap((group) =>
    foldersIn(join(root, group))
      .filter((folder) => existsSync(join(root, group, folder, "package.json")))
      .map((folder) => {
        const directory = join(root, group, folder);
        return {
          folder,
          directory,
          published: group === "packages",
          manifest: readManifest(directory),
          files: [
            ...filesUnder(directory, "src").map((path) => ({ path, shipped: true })),
            ...developmentFolders.flatMap((name) =>
              filesUnder(directory, name).map((path) => ({ path, shipped: false })),
            ),
          ],
        };
      }),
  );
}

/** @param {string} directory @returns {Manifest} */
export function readManifest(directory) {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
}

/** @param {string} directory */
function foldersIn(directory) {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** @param {string} directory @param {string} folder */
function filesUnder(directory, folder) {
  if (!existsSync(join(directory, folder))) return [];
  return readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && sourceFile.test(entry.name) && !entry.name.endsWith(".d.ts"))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(fixtures|node_modules)\//.test(path))
    .sort();
}
