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

/** The compiled addon of the native binding; null where there is none. */
function bindingFile(): string | null {
  const folder = dependency("@tensorflow/tfjs-node");
  const library = folder === null ? "" : join(folder, "lib");
  if (!existsSync(library)) return null;
  const files = readdirSync(library).map((name) => join(library, name, "tfjs_binding.node"));
  return files.find((file) => existsSync(file)) ?? null;
}

/** Loads the libraries of native TensorFlow into this process, before its threads do: a thread that is ended while another one loads them for
 *  the first time takes the process with it. */
export function loadNativeLibraries(): void {
  const file = bindingFile();
  if (file !== null) process.dlopen({ exports: {} }, file);
}

/** What the native binding was made of: the name of its folder in the cache of `setup:native`, or the version of tfjs-node for one that the
 *  package made itself. Null where there is none. Says nothing about whether it loads. */
export function nativeBinding(): string | null {
  const file = bindingFile();
  if (file === null) return null;
  const home = basename(dirname(dirname(dirname(realpathSync(file)))));
  return home === "tfjs-node" ? `tfjs-node-${tensorflowVersion()}` : home;
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
