import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const engineFolder = createRequire(import.meta.url).resolve("@moe-rates/engine-tfjs");

/** Folder of an installed dependency of the TensorFlow.js engine; null where it is not installed. */
function dependency(name: string): string | null {
  try {
    return dirname(createRequire(engineFolder).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

/** What the native binding was made of: the name of its folder in the cache of `setup:native`, or the version of tfjs-node for one that the
 *  package made itself. Null where there is none. Says nothing about whether it loads. */
export function nativeBinding(): string | null {
  const folder = dependency("@tensorflow/tfjs-node");
  const library = folder === null ? "" : join(folder, "lib");
  if (folder === null || !existsSync(library)) return null;
  if (!readdirSync(library).some((name) => existsSync(join(library, name, "tfjs_binding.node")))) return null;
  const real = realpathSync(library);
  return real === realpathSync(folder) + "/lib"
    ? `tfjs-node-${tensorflowVersion()}`
    : basename(dirname(real));
}

/** Version of TensorFlow.js. */
export function tensorflowVersion(): string {
  const folder = dependency("@tensorflow/tfjs");
  if (folder === null) throw new Error("@tensorflow/tfjs is not installed; run npm run setup again");
  const { version } = createRequire(engineFolder)("@tensorflow/tfjs/package.json") as { version: string };
  return version;
}

/** Settings that TensorFlow reads from the environment when it is loaded: one thread per worker, since the pool fills the cores, one order of
 *  every sum, and no log lines. The first three decide numbers, so they are not the user's. Has to run in the main thread: the others have a
 *  copy of the environment that libraries do not see. */
export function prepareTensorflow(environment: NodeJS.ProcessEnv): void {
  environment["TF_NUM_INTRAOP_THREADS"] = "1";
  environment["TF_NUM_INTEROP_THREADS"] = "1";
  environment["TF_ENABLE_ONEDNN_OPTS"] = "0";
  environment["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
}
