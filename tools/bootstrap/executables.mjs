import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** The folders of a PATH, in order.
 *  @param {string} path */
export function foldersOf(path = process.env["PATH"] ?? "") {
  return path.split(delimiter).filter((folder) => folder !== "");
}

/** Executable files of any of these names in the folders, in their order.
 *  @param {readonly string[]} folders @param {readonly string[]} names */
export function executablesIn(folders, names) {
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).filter(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
