#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { runForeground, runQuietly, SetupError } from "./bootstrap/child-process.mjs";
import { ensurePnpm } from "./bootstrap/pinned-pnpm.mjs";
import { nodeProblem } from "./bootstrap/supported-node.mjs";
import { binaryOf, pathWith } from "./bootstrap/workspace-paths.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const quickstart = ["run", "apps/orchestrator/studies/quickstart.yaml", "--out", "quickstart.duckdb"];

/** What each root script runs, in the foreground, once everything is installed and built. */
const commands = {
  setup: null,
  "setup:native": () => ["tools/native/setup-native.mjs"],
  start: () => ["apps/orchestrator/bin/moe-rates.mjs", ...quickstart],
  test: () => [binaryOf(root, "vitest"), "run"],
  reproduce: () => ["tools/reproduce.mjs"],
  bench: () => ["tools/bench/run.mjs"],
};

/** Installs the pinned pnpm and the locked dependencies and builds every package; all three are no-ops when up to date.
 *  Returns the environment in which commands find pnpm and this very Node. */
async function setUp() {
  const env = { ...process.env, PATH: pathWith(await ensurePnpm()) };
  await runQuietly("installing dependencies", "pnpm", ["install", "--frozen-lockfile", "--trust-lockfile"], {
    cwd: root,
    env: {
      ...env,
      CI: "true",
      pnpm_config_fetch_retry_mintimeout: "1000",
      pnpm_config_fetch_retry_maxtimeout: "5000",
    },
  });
  await runQuietly(
    "building",
    process.execPath,
    [binaryOf(root, "nx"), "run-many", "--target=build", "--outputStyle=static"],
    { cwd: root, env: { ...env, NX_DAEMON: "false", NX_NO_CLOUD: "true", NX_TUI: "false" } },
  );
  return env;
}

/** @param {string[]} argv @returns {Promise<number>} the exit code */
async function main([name = "", ...extra]) {
  if (!Object.hasOwn(commands, name)) {
    throw new SetupError(`unknown command "${name}"; known: ${Object.keys(commands).join(", ")}`, 2);
  }
  const problem = nodeProblem(process.versions.node);
  if (problem) throw new SetupError(problem);
  const env = await setUp();
  const command = commands[/** @type {keyof typeof commands} */ (name)];
  return command ? runForeground(process.execPath, [...command(), ...extra], { cwd: root, env }) : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.output}moe-rates: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
