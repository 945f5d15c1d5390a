import { lstatSync, readlinkSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runStep, StepFailure } from "./run-step.mjs";

const smokeTest = fileURLToPath(new URL("smoke-test.cjs", import.meta.url));

/** Folder of the installed tfjs-node, or null where this install has none.
 *  @param {string} root of the repository */
export function tfjsNodeFolder(root) {
  try {
    const own = createRequire(join(root, "packages", "engine-tfjs", "package.json"));
    return dirname(own.resolve("@tensorflow/tfjs-node/package.json"));
  } catch {
    return null;
  }
}

/** Makes the package's `lib` a link to the one of the binding.
 *  @param {string} packageFolder @param {string} home folder of the binding */
export async function linkBinding(packageFolder, home) {
  const link = join(packageFolder, "lib");
  if (linkedTo(link) === join(home, "lib")) return;
  await rm(link, { recursive: true, force: true });
  await symlink(join(home, "lib"), link);
}

/** Removes a link that `linkBinding` made; anything else stays.
 *  @param {string} packageFolder */
export async function unlinkBinding(packageFolder) {
  const link = join(packageFolder, "lib");
  if (linkedTo(link) !== null) await rm(link);
}

/** @param {string} link */
function linkedTo(link) {
  try {
    return lstatSync(link).isSymbolicLink() ? readlinkSync(link) : null;
  } catch {
    return null;
  }
}

/** Runs a graph on the native backend in a process of its own.
 *  @param {string} packageFolder @returns {Promise<{ backend: string, tensorflow: string, node: string }>}
 *  @throws {StepFailure} when it does not run, or runs on another backend */
export async function smokeTestBinding(packageFolder) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" };
  const printed = await runStep(process.execPath, [smokeTest, packageFolder], { env, minutes: 2 });
  const found = JSON.parse(printed.trim().split("\n").at(-1) ?? "{}");
  if (found.backend !== "tensorflow") throw new StepFailure(`a graph ran on ${found.backend}, not natively`);
  return found;
}
