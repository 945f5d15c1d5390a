import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** PATH with `directory` first and the running Node second, so that every script below runs on this Node.
 *  @param {string} directory */
export function pathWith(directory) {
  return [directory, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
}

/** The script that a root dependency names as its binary, to be run with `process.execPath`.
 *  @param {string} root @param {string} name */
export function binaryOf(root, name) {
  const manifestFile = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifestFile, "utf8"));
  return join(dirname(manifestFile), typeof bin === "string" ? bin : bin[name]);
}
