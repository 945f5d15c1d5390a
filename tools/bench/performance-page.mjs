import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { costCurvePicture } from "./cost-curve-picture.mjs";
import { tableMarkdown } from "./report.mjs";

/** @typedef {import("./report.mjs").Measured} Measured */

const shipped = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

/** Writes performance.md and the pictures of the cost curve into a folder; a part that was not measured keeps its tables. A folder without the
 *  page gets a copy of this repository's first. Returns the names of the files.
 *  @param {string} folder @param {ReadonlyMap<string, Measured>} measured @param {{machine: string, command: string}} how */
export function writePerformancePage(folder, measured, how) {
  mkdirSync(join(folder, "figures"), { recursive: true });
  const page = join(folder, "performance.md");
  let text = readFileSync(existsSync(page) ? page : shipped, "utf8");
  const written = [];
  for (const [name, part] of measured) {
    if (part.tables.length > 0) text = withBlock(text, name, blockOf(part, how));
    if (part.points.length === 0) continue;
    for (const theme of /** @type {const} */ (["light", "dark"])) {
      const file = join("figures", `performance-${name}-${theme}.svg`);
      writeFileSync(join(folder, file), costCurvePicture(part.points, theme));
      written.push(file);
    }
  }
  writeFileSync(page, text);
  return ["performance.md", ...written];
}

/** @param {Measured} part @param {{machine: string, command: string}} how */
function blockOf({ tables, software }, { machine, command }) {
  return [...tables.map(tableMarkdown), `\`${command}\` on ${[machine, ...software].join(", ")}.`].join(
    "\n\n",
  );
}

/** A text with what stands between the markers of a part replaced. Throws when the text has no such markers.
 *  @param {string} text @param {string} name @param {string} block */
export function withBlock(text, name, block) {
  const [begin, end] = [`<!-- measured: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`performance.md has no markers "${begin}" and "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`;
}
