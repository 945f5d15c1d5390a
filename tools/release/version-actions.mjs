import { join } from "node:path";
import { VersionActions } from "nx/release";

/** How `nx release` reads and writes the versions of our packages. They name each other as `workspace:*`, which pnpm replaces when it packs, so
 *  that a release changes one field per manifest. */
export default class PackageVersions extends VersionActions {
  validManifestFilenames = ["package.json"];

  /** @param {FileTree} tree */
  async readCurrentVersionFromSourceManifest(tree) {
    const manifestPath = this.#manifest();
    return { manifestPath, currentVersion: JSON.parse(textOf(tree, manifestPath)).version };
  }

  /** @returns {Promise<null>} The version in the manifest counts, not one of a registry. */
  async readCurrentVersionFromRegistry() {
    return null;
  }

  async readCurrentVersionOfDependency() {
    return { currentVersion: "workspace:*", dependencyCollection: "dependencies" };
  }

  /** @param {FileTree} tree @param {string} newVersion */
  async updateProjectVersion(tree, newVersion) {
    const manifestPath = this.#manifest();
    const text = textOf(tree, manifestPath);
    tree.write(manifestPath, text.replace(/^(\s*"version": ")[^"]*/m, `$1${newVersion}`));
    return [`version ${newVersion} written to ${manifestPath}`];
  }

  async updateProjectDependencies() {
    return [];
  }

  #manifest() {
    return join(this.projectGraphNode.data.root, "package.json");
  }
}

/** @typedef {{ read(path: string, encoding: "utf8"): string | null, write(path: string, text: string): void }} FileTree */

/** @param {FileTree} tree @param {string} path */
function textOf(tree, path) {
  const text = tree.read(path, "utf8");
  if (text === null) throw new Error(`${path} is missing`);
  return text;
}
