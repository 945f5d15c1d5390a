import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, readdirSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { runStep, StepFailure } from "./run-step.mjs";

/** The wheel whose libraries the binding is known to work with. */
export const wheelVersion = "2.21.0";

/** Parts of a wheel that compiling and running the binding needs. */
const wanted = [
  "libtensorflow_cc.so.2",
  "libtensorflow_framework.so.2",
  "include/tensorflow/c/",
  "include/tensorflow/core/platform/",
  "include/xla/",
  "include/tsl/",
  "include/external/",
];

/** Copies the package to `directory` and runs its own install script there, which downloads libtensorflow and a compiled addon.
 *  @param {string} packageFolder @param {string} directory @param {number} napi version of the interface to Node */
export async function packagePrebuilt(packageFolder, directory, napi) {
  const copy = join(directory, "package");
  await cp(packageFolder, copy, { recursive: true, filter: (path) => !/\/(lib|node_modules)$/.test(path) });
  const siblings = join(packageFolder, "..", "..");
  const bin = join(packageFolder, "node_modules", ".bin");
  const env = { ...process.env, NODE_PATH: siblings, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const output = await runStep(process.execPath, ["scripts/install.js"], { cwd: copy, env });
  const addon = join("lib", `napi-v${napi}`, "tfjs_binding.node");
  if (!existsSync(join(copy, addon))) throw new StepFailure("no compiled addon for this platform", output);
  for (const part of ["lib", "deps"]) await rename(join(copy, part), join(directory, part));
  await rm(copy, { recursive: true });
}

/** Downloads the wheel with pip into `directory` and returns its path; pip checks it against the index's hash.
 *  @param {string} directory */
export async function downloadWheel(directory) {
  const where = ["--no-deps", "--only-binary=:all:", "--python-version", "3.11", "-d", directory];
  const what = `tensorflow-cpu==${wheelVersion}`;
  await runStep("python3", ["-m", "pip", "download", "-q", "--retries", "0", ...where, what]);
  const wheel = readdirSync(directory).find((name) => name.endsWith(".whl"));
  if (!wheel) throw new StepFailure("pip downloaded no wheel");
  return join(directory, wheel);
}

/** The file behind a path or an http(s) address, in `directory` when it has to be downloaded, after its SHA-256 was checked.
 *  @param {string} source @param {string} sha256 @param {string} directory */
export async function fetchArchive(source, sha256, directory) {
  const remote = /^https?:\/\//.test(source);
  const file = remote ? join(directory, basename(new URL(source).pathname)) : source;
  if (remote) await download(source, file);
  else if (!existsSync(file)) throw new StepFailure(`${source}: no such file`);
  const found = await sha256Of(file);
  if (found !== sha256.toLowerCase())
    throw new StepFailure(`${source} has SHA-256 ${found}, not ${sha256.toLowerCase()}`);
  return file;
}

/** @param {string} address @param {string} file */
async function download(address, file) {
  const response = await fetch(address).catch((error) => {
    throw new StepFailure(`${address} cannot be reached (${error.cause?.code ?? error.message})`);
  });
  if (!response.ok || !response.body) throw new StepFailure(`${address} answered ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

/** SHA-256 of a file, 64 hex digits.
 *  @param {string} file */
export async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

const unzip = `import sys, zipfile
archive, target, *wanted = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    z.extractall(target, [n for n in z.namelist() if any(n.startswith("tensorflow/" + w) for w in wanted)])`;

/** Unpacks a wheel or a libtensorflow archive into `directory`/deps/lib and /include.
 *  @param {string} archive @param {string} directory */
export async function unpack(archive, directory) {
  const raw = join(directory, "unpacked");
  const deps = join(directory, "deps");
  await mkdir(raw);
  await mkdir(join(deps, "lib"), { recursive: true });
  const wheel = /\.(whl|zip)$/.test(archive);
  if (wheel) await runStep("python3", ["-c", unzip, archive, raw, ...wanted]);
  else await runStep("tar", ["-xf", archive, "-C", raw]);
  const top = wheel ? join(raw, "tensorflow") : raw;
  const libraries = wheel ? top : join(top, "lib");
  const found = existsSync(libraries)
    ? readdirSync(libraries).filter((name) => /^libtensorflow.*\.so/.test(name))
    : [];
  if (found.length === 0 || !existsSync(join(top, "include")))
    throw new StepFailure(`${basename(archive)} holds no TensorFlow libraries and headers for this platform`);
  for (const name of found) await rename(join(libraries, name), join(deps, "lib", name));
  await rename(join(top, "include"), join(directory, "include"));
  await rm(raw, { recursive: true });
}

/** Name of a source in the cache: what it is, and for a given file which one.
 *  @param {{ kind: "prebuilt" } | { kind: "wheel" } | { kind: "archive", sha256: string }} source */
export function sourceName(source) {
  if (source.kind === "archive") return `archive-${source.sha256.slice(0, 16).toLowerCase()}`;
  return source.kind === "wheel" ? `tf-${wheelVersion}` : "prebuilt";
}

/** Folder of Node's own headers.
 *  @param {string} execPath */
export function nodeHeaders(execPath = process.execPath) {
  const folder = join(dirname(dirname(execPath)), "include", "node");
  return existsSync(join(folder, "node_api.h")) ? folder : null;
}
