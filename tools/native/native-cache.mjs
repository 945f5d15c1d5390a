import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Where native bindings live: outside the repository, shared by all checkouts of one user. `MOE_RATES_NATIVE_CACHE` moves it.
 *  @param {NodeJS.ProcessEnv} env */
export function nativeCache(env = process.env) {
  const caches = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return env["MOE_RATES_NATIVE_CACHE"] || join(caches, "moe-rates", "native");
}

/** Folder of one binding: everything that decides what is in it is part of its name.
 *  @param {string} cache @param {{ version: string, napi: number, source: string }} binding versions of tfjs-node and of the interface it is
 *    compiled for, and where TensorFlow came from */
export function bindingHome(cache, { version, napi, source }) {
  return join(cache, `tfjs-node-${version}_${source}_napi${napi}_${process.platform}-${process.arch}`);
}

/** Whether a binding is complete: it was verified and moved into its place as a whole.
 *  @param {string} home */
export const isComplete = (home) => existsSync(join(home, "OK"));

/** Fills `home` unless it is complete: `build` gets a folder beside it, which is renamed when `build` is done. Two set-ups at once or a killed
 *  one leave nothing half done.
 *  @param {string} home @param {(directory: string) => Promise<void>} build */
export async function ensureBinding(home, build) {
  if (isComplete(home)) return;
  await mkdir(dirname(home), { recursive: true });
  const temporary = await mkdtemp(`${home}.`);
  try {
    await build(temporary);
    await writeFile(join(temporary, "OK"), "");
    if (!isComplete(home)) {
      await rm(home, { recursive: true, force: true });
      await rename(temporary, home).catch((error) => {
        if (!isComplete(home)) throw error;
      });
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
