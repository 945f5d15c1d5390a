// The pictures of a report in docs/figures, at three widths and in the dark:
//
//   npx moe-rates report quickstart.duckdb
//   node tools/results/report-screenshots.mjs quickstart.html docs/figures/report
//
// Needs a Chromium on PATH.

import process from "node:process";
import { pathToFileURL } from "node:url";
import { chromiumPath, launchChromium } from "../browser/chromium.mjs";

const [page = "", prefix = ""] = process.argv.slice(2);
const executable = chromiumPath();
if (executable === null) throw new Error("no Chromium on PATH");

/** @type {[string, number, number, "light" | "dark"][]} */
const pictures = [
  ["360", 360, 1500, "light"],
  ["820", 820, 1500, "light"],
  ["1280", 1280, 1500, "light"],
  ["1280-dark", 1280, 1500, "dark"],
];

const browser = await launchChromium(executable);
for (const [name, width, height, colorScheme] of pictures) {
  const tab = await browser.newPage({ viewport: { width, height }, colorScheme });
  await tab.goto(pathToFileURL(page).href);
  await tab.screenshot({ path: `${prefix}-${name}.png` });
  await tab.close();
  process.stdout.write(`${prefix}-${name}.png\n`);
}
await browser.close();
