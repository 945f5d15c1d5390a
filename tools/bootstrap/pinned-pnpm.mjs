import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { runQuietly, SetupError } from "./child-process.mjs";

/** The one pnpm version this workspace is installed with. */
export const pnpmVersion = "12.21.0";

/** Where that pnpm lives: outside the repository, shared by all checkouts of one user.
 *  @param {NodeJS.ProcessEnv} env */
export function pnpmHome(env = process.env) {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "moe-rates", `pnpm-${pnpmVersion}`);
}

/** Installs the pinned pnpm with npm unless it is there already, and returns the directory of its executable.
 *  The installation is made beside its target and renamed, so two set-ups at once or a killed one leave nothing half done.
 *  @param {string} home @param {(directory: string) => Promise<void>} install
 *  @returns {Promise<string>} */
export async function ensurePnpm(home = pnpmHome(), install = installPnpm) {
  const executables = join(home, "node_modules", ".bin");
  if (existsSync(marker(home))) return executables;
  const temporary = await temporaryBeside(home);
  try {
    await install(temporary);
    await writeFile(marker(temporary), "");
    await moveInto(home, temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return executables;
}

/** @param {string} home */
const marker = (home) => join(home, "complete");

/** @param {string} home */
async function temporaryBeside(home) {
  try {
    await mkdir(dirname(home), { recursive: true });
    return await mkdtemp(`${home}.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(
      `cannot write to the cache directory (${reason}); set XDG_CACHE_HOME to one that is writable`,
    );
  }
}

/** @param {string} home @param {string} temporary */
async function moveInto(home, temporary) {
  for (;;) {
    try {
      return await rename(temporary, home);
    } catch (error) {
      if (existsSync(marker(home))) return;
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
      await rm(home, { recursive: true, force: true });
    }
  }
}

/** @param {string} directory */
async function installPnpm(directory) {
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const retries = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const args = ["install", "--prefix", directory, `pnpm@${pnpmVersion}`, ...quiet, ...retries];
  await runQuietly(`installing pnpm ${pnpmVersion}`, "npm", args);
}
