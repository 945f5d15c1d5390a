import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";
import { executablesIn, foldersOf } from "../bootstrap/executables.mjs";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Path of an installed Chromium, null without one. What does not even tell its version, such as a stub that wants a package manager, is none. */
export function chromiumPath() {
  return executablesIn(foldersOf(), names).find(tellsVersion) ?? null;
}

/** Starts a headless Chromium that makes no request of its own.
 *  @param {string} executablePath @returns {Promise<import("playwright-core").Browser>} */
export function launchChromium(executablePath) {
  return chromium.launch({
    executablePath,
    timeout: 600_000,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** @param {string} file */
function tellsVersion(file) {
  return spawnSync(file, ["--version"], { stdio: "ignore", timeout: 60_000 }).status === 0;
}
