import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Path of an installed Chromium, null without one. What does not even tell its version, such as a stub that wants a package manager, is none. */
export function chromiumPath() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find((file) => isExecutable(file) && tellsVersion(file)) ?? null;
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

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
