import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "./temporary-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "apps", "orchestrator", "bin", "moe-rates.mjs");

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

test("two linear experts on the penguins of vega-datasets are a certified fit within the box", () => {
  const data = join(temporaryDirectory(), "penguins.csv");
  node("examples/penguins-data.mjs", data);
  expect(readFileSync(data, "utf8").split("\n").slice(0, 2)).toEqual([
    "mass,depth,species",
    "3.75,18.7,Adelie",
  ]);
  const options = ["--x", "mass", "--y", "depth", "--expert", "linear", "--atoms", "2", "--json"];
  const fit = JSON.parse(node(command, "fit", data, ...options));
  expect(fit).toMatchObject({ status: "converged", certified: true, local: false, n: 342 });
  expect(fit.certificate).toMatchObject({ activeBounds: [], reasons: [] });
  expect(fit.sse).toBeCloseTo(776.986, 3);
  const slopes = fit.atoms.map(({ a }: { a: number[] }) => Number(a[0]?.toFixed(2))).sort();
  expect(slopes).toEqual([1.4, 1.89]);
});

test("the penguin figure draws every penguin, both experts, the regression function and both gate weights", () => {
  const out = join(temporaryDirectory(), "figures", "penguins.svg");
  node("examples/penguins-figure.mjs", out);
  const svg = readFileSync(out, "utf8");
  const marks = (label: string) =>
    [...svg.matchAll(new RegExp(`<g [^>]*aria-label="${label}".*`, "g"))].map(
      ([group]) => group.match(/<path /g)?.length ?? 0,
    );
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*viewBox="0 0 760 550"/);
  expect(marks("dot")).toEqual([342]);
  expect(marks("line")).toHaveLength(5);
  for (const words of ["Gentoo", "expert 1", "regression", "beak depth (mm)", "gate weight"])
    expect(svg).toContain(words);
  expect(svg).not.toMatch(/NaN|undefined/);
});

test("the README shows examples/rates-of-your-rows.mjs and what it prints", () => {
  const file = "examples/rates-of-your-rows.mjs";
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const code = readFileSync(join(root, file), "utf8").replace(/^(\/\/.*|import process.*)?\n/gm, "");
  const shown = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(shown.replace(/^\n/gm, "")).toBe(code);
  expect(readme).toContain(`$ node ${file}\n${node(file)}`);
});
