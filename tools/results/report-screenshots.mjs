// The pictures of a report in docs/figures, at three widths and in the dark:
//
//   npx moe-rates report quickstart.duckdb
//   node tools/results/report-screenshots.mjs quickstart.html docs/figures/report
//
// or one picture, for docs/figures/studies:
//
//   node tools/results/report-screenshots.mjs NAME.html docs/figures/studies/NAME one
//
// Needs a Chromium on PATH.

import process from "node:process";
import { pathToFileURL } from "node:url";
import { chromiumPath, launchChromium } from "../browser/chromium.mjs";

const [page = "", prefix = "", which = "all"] = process.argv.slice(2);
const executable = chromiumPath();
if (executable === null) throw new Error("no Chromium on PATH");

/** @type {[string, number, number, "light" | "dark"][]} */
const pictures =
  which === "one"
    ? [["", 960, 900, "light"]]
    : [
        ["360", 360, 1500, "light"],
        ["820", 820, 1500, "light"],
        ["1280", 1280, 1500, "light"],
        ["1280-dark", 1280, 1500, "dark"],
      ];

const browser = await launchChromium(executable);
for (const [name, width, height, colorScheme] of pictures) {
  const tab = await browser.newPage({ viewport: { width, height }, colorScheme });
  tab.setDefaultTimeout(0);
  await tab.goto(pathToFileURL(page).href);
  const path = `${[prefix, name].filter((part) => part !== "").join("-")}.png`;
  await tab.screenshot({ path });
  await tab.close();
  process.stdout.write(`${path}\n`);
}
await browser.close();
