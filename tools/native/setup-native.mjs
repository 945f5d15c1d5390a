#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileBinding } from "./compile-binding.mjs";
import { linkBinding, smokeTestBinding, tfjsNodeFolder, unlinkBinding } from "./link-binding.mjs";
import { bindingHome, ensureBinding, isComplete, nativeCache } from "./native-cache.mjs";
import { StepFailure } from "./run-step.mjs";
import { downloadWheel, fetchArchive, packagePrebuilt, sourceName, unpack } from "./tensorflow-sources.mjs";

/** @typedef {{ kind: "prebuilt" } | { kind: "wheel" } | { kind: "archive", sha256: string, from: string }} Source */

const root = fileURLToPath(new URL("../..", import.meta.url));

const help = `npm run setup:native -- [--archive PATH|URL --sha256 HEX] [--required]

Makes the native binding of @tensorflow/tfjs-node, keeps it in a cache outside node_modules, and verifies it by running a graph.
Without options: the package's own download, and where that cannot be reached, a build against the libraries of the
tensorflow-cpu wheel (python3 with pip, g++ and Node's headers). Everything works without it too, on slower backends.

  --archive PATH|URL   a tensorflow-cpu wheel (.whl) or a libtensorflow archive (.tar.gz) to build against
  --sha256 HEX         its SHA-256: needed with --archive
  --required           exit with 1 when there is no native TensorFlow in the end (also MOE_RATES_NATIVE_REQUIRED=1)

MOE_RATES_NATIVE_CACHE  folder of the cache (default moe-rates/native in the user's cache folder, 0.8 GB)`;

/** @param {string} text */
const say = (text) => process.stderr.write(`native TensorFlow: ${text}\n`);

/** @param {string[]} argv @returns {Promise<number>} the exit code */
async function main(argv) {
  const options = readOptions(argv);
  if (typeof options === "string") {
    say(options);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const packageFolder = tfjsNodeFolder(root);
  const problem =
    packageFolder === null
      ? "@tensorflow/tfjs-node is not installed; run npm run setup first"
      : platformProblem();
  if (packageFolder === null || problem !== null) {
    say(`not available: ${problem}`);
    return options.required ? 1 : 0;
  }
  const reasons = await setUp(packageFolder, options.sources);
  if (reasons === null) return 0;
  await unlinkBinding(packageFolder);
  for (const reason of reasons) say(reason);
  say("not available; --engine tfjs runs on the wasm or cpu backend, and every other engine as before");
  return options.required ? 1 : 0;
}

/** @param {string[]} argv @returns {{ sources: Source[], required: boolean, help: boolean } | string} the options, or what is wrong with them */
function readOptions(argv) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        archive: { type: "string" },
        sha256: { type: "string" },
        required: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const { archive, sha256 } = values;
    if ((archive === undefined) !== (sha256 === undefined)) return "--archive and --sha256 go together";
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) return "--sha256 must be 64 hex digits";
    const own =
      archive !== undefined && sha256 !== undefined
        ? [{ kind: /** @type {const} */ ("archive"), sha256, from: archive }]
        : null;
    return {
      sources: own ?? [{ kind: "prebuilt" }, { kind: "wheel" }],
      required: values.required === true || (process.env["MOE_RATES_NATIVE_REQUIRED"] ?? "") !== "",
      help: values.help === true,
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}; see --help`;
  }
}

function platformProblem() {
  if (process.platform === "linux" && process.arch === "x64") return null;
  return `${process.platform}-${process.arch} is not supported, only linux-x64`;
}

/** Tries the sources in their order, complete ones of the cache first. Returns why none worked, or null when one did.
 *  @param {string} packageFolder @param {Source[]} sources @returns {Promise<string[] | null>} */
async function setUp(packageFolder, sources) {
  const { version, binary } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const napi = Math.max(
    ...binary.napi_versions.filter((/** @type {number} */ one) => one <= Number(process.versions.napi)),
  );
  const places = sources.map((source) => ({
    source,
    home: bindingHome(nativeCache(), { version, napi, source: sourceName(source) }),
  }));
  /** @type {string[]} */
  const reasons = [];
  for (const { source, home } of places.toSorted(
    (a, b) => Number(isComplete(b.home)) - Number(isComplete(a.home)),
  )) {
    try {
      const cached = isComplete(home);
      if (!cached) say(`${described(source)} ...`);
      await ensureBinding(home, (directory) => build(source, packageFolder, directory, napi));
      await linkBinding(packageFolder, home);
      const { tensorflow, node } = await smokeTestBinding(packageFolder);
      say(`TensorFlow ${tensorflow} runs on Node ${node.slice(1)}${cached ? " (from the cache)" : ""}`);
      return null;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      reasons.push(`${described(source)}: ${error.message}`);
      if (process.env["MOE_RATES_TRACE"] && error instanceof StepFailure) process.stderr.write(error.output);
    }
  }
  return reasons;
}

/** @param {Source} source */
function described(source) {
  if (source.kind === "archive") return `building against ${source.from}`;
  return source.kind === "wheel" ? "building against the tensorflow-cpu wheel" : "the package's own download";
}

/** @param {Source} source @param {string} packageFolder @param {string} directory @param {number} napi */
async function build(source, packageFolder, directory, napi) {
  if (source.kind === "prebuilt") return packagePrebuilt(packageFolder, directory, napi);
  const downloads = await mkdtemp(join(tmpdir(), "moe-rates-native-"));
  try {
    const archive =
      source.kind === "wheel"
        ? await downloadWheel(downloads)
        : await fetchArchive(source.from, source.sha256, downloads);
    await unpack(archive, directory);
    await compileBinding(packageFolder, directory, napi);
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
