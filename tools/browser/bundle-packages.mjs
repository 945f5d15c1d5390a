import { join } from "node:path";
import { build } from "esbuild";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";

/** Bundles code that imports our packages by name for a browser: one ES module, no file of the outside, an error where a package needs Node.
 *  @param {string} root @param {string} code @returns {Promise<string>} */
export async function bundleForBrowser(root, code) {
  const packages = workspacePackages(root).filter((one) => one.published);
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    alias: Object.fromEntries(
      packages.map(({ directory, manifest }) => [manifest.name, join(directory, "dist", "index.js")]),
    ),
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2023",
    minify: true,
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
