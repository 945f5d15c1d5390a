import { readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runStep, StepFailure } from "./run-step.mjs";
import { nodeHeaders } from "./tensorflow-sources.mjs";

/** Compiles the package's own sources against the libraries and headers in `directory` into lib/napi-vN/tfjs_binding.node, which finds the
 *  libraries by its own place. Removes the headers.
 *  @param {string} packageFolder @param {string} directory @param {number} napi version of the interface to Node */
export async function compileBinding(packageFolder, directory, napi) {
  const headers = nodeHeaders();
  if (headers === null)
    throw new StepFailure("Node's headers (include/node/node_api.h beside bin/node) are not installed");
  const out = join(directory, "lib", `napi-v${napi}`);
  await mkdir(out, { recursive: true });
  const libraries = join(directory, "deps", "lib");
  const include = join(directory, "include");
  const names = readdirSync(libraries).filter((name) => /\.so\.\d+$/.test(name));
  const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(packageFolder, "binding", name));
  const linked = names.map((name) => `-l:${name}`);
  await runStep("g++", [
    "-shared",
    "-fPIC",
    "-O2",
    "-std=gnu++17",
    `-DNAPI_VERSION=${napi}`,
    "-w",
    `-I${headers}`,
    `-I${include}`,
    ...sources,
    "-o",
    join(out, "tfjs_binding.node"),
    `-L${libraries}`,
    ...linked,
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
  ]);
  await rm(include, { recursive: true });
}
