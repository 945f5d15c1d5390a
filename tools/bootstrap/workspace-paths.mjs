import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { executablesIn, foldersOf } from "./executables.mjs";

/** PATH with `directory` first and then, unless `node` leads to it already, the running Node, so that every script below runs on this Node. Its directory may
 *  hold other programs, a Python without the packages of the user's own say, which must not come before theirs for nothing.
 *  @param {string} directory @param {string} path */
export function pathWith(directory, path = process.env["PATH"] ?? "") {
  const folders = foldersOf(path);
  const [first] = executablesIn(folders, ["node"]);
  const here = first !== undefined && realpathSync(first) === realpathSync(process.execPath);
  return [directory, ...(here ? [] : [dirname(process.execPath)]), ...folders].join(delimiter);
}

/** The script of a root dependency's binary, to be run with `process.execPath`.
 *  @param {string} root @param {string} name the dependency @param {string} binary which of its binaries */
export function binaryOf(root, name, binary = name) {
  const manifestFile = createRequire(join(root, "package.json")).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifestFile, "utf8"));
  return join(dirname(manifestFile), typeof bin === "string" ? bin : bin[binary]);
}
