import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory, writeFiles } from "./temporary-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const generated = new Set(["node_modules", "dist", "build", "coverage", "tmp"]);

function markdownUnder(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      const skipped = entry.name.startsWith(".") || generated.has(entry.name);
      return skipped ? [] : markdownUnder(join(directory, entry.name));
    }
    return entry.name.endsWith(".md") ? [join(directory, entry.name)] : [];
  });
}

const withoutFences = (text: string) => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "");

/** Targets of links and images, inline, by reference and in HTML. Code is not looked at. */
function linksOf(text: string): string[] {
  const prose = withoutFences(text).replace(/`[^`]*`/g, "");
  return [
    ...prose.matchAll(/\]\(\s*<?([^)\s>]+)/g),
    ...prose.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm),
    ...prose.matchAll(/\b(?:src|href|srcset)="([^"\s]+)/g),
  ].map(([, target]) => target ?? "");
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...withoutFences(text).matchAll(/^#{1,6}\s+(.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Relative links of the Markdown files under a directory that lead to no file or to no heading of it. */
function brokenLinks(directory: string): string[] {
  return markdownUnder(directory).flatMap((file) =>
    linksOf(readFileSync(file, "utf8"))
      .filter((link) => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link))
      .filter((link) => {
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
        if (!existsSync(target)) return true;
        if (!anchor || !target.endsWith(".md")) return false;
        return !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
      })
      .map((link) => `${relative(directory, file)}: ${link}`),
  );
}

test("every relative link in the Markdown files of the repository leads somewhere", () => {
  expect(brokenLinks(root)).toEqual([]);
});

test("links to missing files and headings are found, links in code and to the web are left alone", () => {
  const directory = temporaryDirectory();
  writeFiles(directory, {
    "README.md":
      "# The `one` heading\n[good](docs/a.md#second-part) [gone](docs/b.md) ![no picture](c.svg) [web](https://example.org)\n" +
      '`[code](x.md)` [here](#the-one-heading) [nowhere](docs/a.md#third) <img src="d.png">\n```md\n[fenced](y.md)\n```\n[named]: e.md\n',
    "docs/a.md": "## Second part\n",
    "node_modules/pkg/README.md": "[broken](elsewhere.md)\n",
  });
  expect(brokenLinks(directory).sort()).toEqual([
    "README.md: c.svg",
    "README.md: d.png",
    "README.md: docs/a.md#third",
    "README.md: docs/b.md",
    "README.md: e.md",
  ]);
});
