// Body mass and beak depth of the 342 penguins of the Palmer Archipelago that were measured, as a CSV file.
//
//   node examples/penguins-data.mjs penguins.csv
//   npx moe-rates fit penguins.csv --x mass --y depth --expert linear --atoms 2
//
// The data set comes with the npm package vega-datasets (Palmer Station LTER and K. Gorman, CC0).

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** The measured penguins: body mass in kg, beak depth in mm, species. */
export function penguins() {
  const build = dirname(createRequire(import.meta.url).resolve("vega-datasets"));
  const records = JSON.parse(readFileSync(join(build, "..", "data", "penguins.json"), "utf8"));
  return records
    .map((record) => ({
      mass: record["Body Mass (g)"] / 1000,
      depth: record["Beak Depth (mm)"],
      species: record["Species"],
    }))
    .filter(({ mass, depth }) => mass > 0 && depth > 0);
}

/** Writes the columns mass, depth and species. */
export function writePenguins(file) {
  const rows = penguins();
  const lines = [
    "mass,depth,species",
    ...rows.map(({ mass, depth, species }) => [mass, depth, species].join()),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return rows.length;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const file = process.argv[2] ?? "penguins.csv";
  process.stdout.write(`${writePenguins(file)} rows in ${file}\n`);
}
