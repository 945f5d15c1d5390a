import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { costCurvePicture } from "../bench/cost-curve-picture.mjs";
import { parts } from "../bench/parts.mjs";
import { withBlock } from "../bench/performance-page.mjs";
import { temporaryDirectory } from "./temporary-files.ts";

const program = fileURLToPath(new URL("../bench/run.mjs", import.meta.url));
const page = readFileSync(fileURLToPath(new URL("../../docs/performance.md", import.meta.url)), "utf8");

function bench(args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

/** What stands between the markers of a part. */
function blockIn(text: string, name: string): string {
  const [, block] = new RegExp(`<!-- measured: ${name} -->([^]*)<!-- end: ${name} -->`).exec(text) ?? [];
  expect(block, `markers of ${name}`).toBeDefined();
  return block ?? "";
}

describe("npm run bench, quick, every part", { timeout: 1_800_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-bench-"));
  let out = "";
  let written = "";
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeAll(() => {
    const { status, stdout, stderr } = bench(["--quick", "--out", folder]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    out = stdout;
    written = readFileSync(join(folder, "performance.md"), "utf8");
  }, 1_800_000);

  test.each(parts.map(({ name }) => name))("%s prints its tables and writes them into the page", (name) => {
    const block = blockIn(written, name);
    if (block === blockIn(page, name)) {
      expect(["scipy", "minpack"]).toContain(name);
      expect(out).toMatch(/^skipped: .*: python3 (is not there|has no numpy)/m);
      return;
    }
    const rows = block.split("\n").filter((line) => line.startsWith("|") && !line.startsWith("| ---"));
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(out).toContain(`${row}\n`);
    expect(block).not.toMatch(/NaN|undefined|Infinity/);
    expect(block).toContain("`npm run bench -- --quick --out");
    expect(block).toContain(`Node ${process.version}`);
  });

  test("the text around the tables stays", () => {
    const without = (text: string) => parts.reduce((left, { name }) => withBlock(left, name, ""), text);
    expect(without(written)).toBe(without(page));
  });

  test("the cost curve is a picture for light and for dark pages", () => {
    for (const theme of ["light", "dark"])
      expect(existsSync(join(folder, "figures", `performance-cost-curve-${theme}.svg`))).toBe(true);
  });
});

test("a part whose tool is not there is skipped with the reason and keeps its tables", () => {
  const folder = temporaryDirectory();
  const { status, stdout } = bench(["scipy", "normal-equations", "--quick", "--out", folder], {
    PATH: folder,
  });
  expect(stdout).toContain("skipped: fits against scipy: python3 is not there");
  expect(stdout).toContain("skipped: the rows in C: gcc is not there");
  expect(status).toBe(0);
  const written = readFileSync(join(folder, "performance.md"), "utf8");
  expect(blockIn(written, "scipy")).toBe(blockIn(page, "scipy"));
  expect(blockIn(written, "normal-equations")).toContain("SIMD kernels");
  expect(blockIn(written, "normal-equations")).not.toContain("gcc");
}, 300_000);

test.each([
  [["sciyp"], 'unknown part "sciyp"; known: kernels, .*; did you mean scipy\\?'],
  [["--rounds", "0"], "--rounds 0: a whole number from 1 on is allowed"],
  [["--checkout", "old"], "--checkout old: NAME=DIRECTORY is expected"],
  [["--nosuch"], "Unknown option '--nosuch'"],
])("%j is bad usage", (args, words) => {
  const { status, stderr } = bench(args);
  expect(stderr).toMatch(new RegExp(`^bench: ${words}`));
  expect(status).toBe(2);
});

test("a page without the markers of a part is not written over", () => {
  expect(() => withBlock("# Performance\n", "threads", "table")).toThrow(
    /no markers "<!-- measured: threads -->"/,
  );
});

test("the picture has one panel per axis, one mark per measured point on it, and no colours of the other theme", () => {
  const point = { name: "one design", inputs: 2, n: 1e4, k: 3, seconds: 0.5 };
  const points = [
    point,
    { ...point, n: 1e5, seconds: 2 },
    { ...point, inputs: 4, seconds: 1 },
    { ...point, k: 4, seconds: 3 },
  ];
  const [light, dark] = (["light", "dark"] as const).map((theme) => costCurvePicture(points, theme));
  expect(light.match(/<svg/g)).toHaveLength(4);
  const marks = /<g aria-label="dot"[^>]*>(.*?)<\/g>/gs;
  expect([...light.matchAll(marks)].map(([, dots = ""]) => dots.match(/<path/g)?.length)).toEqual([2, 2, 2]);
  expect(light).toContain("#ffffff");
  expect(dark).not.toContain("#ffffff");
});
