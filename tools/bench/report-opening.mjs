// How long the report of a database takes to write, and to open in Chromium until everything is laid out and painted:
//
//   node tools/bench/report-opening.mjs FILE.duckdb [repeats, 5]
//
// Needs a build and a Chromium on PATH. A large database to try: node tools/trials/synthetic-store.mjs million.duckdb

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromiumPath, launchChromium } from "../browser/chromium.mjs";

const [file = "", repeats = "5"] = process.argv.slice(2);
const executable = chromiumPath();
if (executable === null) throw new Error("no Chromium on PATH");
const command = fileURLToPath(new URL("../../apps/orchestrator/bin/moe-rates.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "moe-rates-opening-"));
const page = join(folder, "report.html");
try {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, "report", resolve(file), "--out", page, "--json"],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
  const { replicates } = JSON.parse(stdout);
  console.log(
    `${replicates} replicates; written in ${seconds(performance.now() - start)}, ${(statSync(page).size / 1e6).toFixed(1)} MB`,
  );
  const browser = await launchChromium(executable);
  const times = [];
  for (let repeat = 0; repeat < Number(repeats); repeat++) {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const from = performance.now();
    await tab.goto(pathToFileURL(page).href, { waitUntil: "load" });
    await tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    times.push(performance.now() - from);
    await tab.close();
  }
  await browser.close();
  times.sort((a, b) => a - b);
  console.log(
    `opened in ${seconds(times[Math.floor(times.length / 2)] ?? 0)} (median of ${times.length}, slowest ${seconds(times.at(-1) ?? 0)})`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}
