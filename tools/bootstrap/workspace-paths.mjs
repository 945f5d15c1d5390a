import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** PATH with `directory` first and the running Node second, so that every script below runs on this Node.
 *  @param {string} directory */
export function pathWith(directory) {
  return [directory, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
}

/** The script of a root dependency's binary, to be run with `process.execPath`.
 *  @param {string} root @param {string} name the dependency @param {string} binary which of its binaries */
export function binaryOf(root, name, binary = name) {
  const manifestFile = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifestFile, "utf8"));
  return join(dirname(manifestFile), typeof bin === "string" ? bin : bin[binary]);
}
